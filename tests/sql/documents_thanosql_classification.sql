-- ThanoSQL's tutorial "create an image classification model", dialects A and C: its cells, as they are written.
.file source/product_image_data/product_image/10246_00_s_21.png picture 유제품
.file source/product_image_data/product_image/10180_60_m_9.png picture 홈클린
.file source/product_image_data/product_image/10242_60_s_12.png picture 디저트
.file source/product_image_data/product_image/10054_30_m_13.png picture 주류
.write source/product_image_data/product_image_train.csv image_path,div_l,div_m,div_s,div_n,comp_nm,img_prod_nm,multi\nthanosql-dataset/product_image_data/product_image/10246_00_s_21.png,유제품,요구르트,떠먹는 요구르트,떠먹는 요구르트,기타,토핑오트&애플시나몬,False\nthanosql-dataset/product_image_data/product_image/10180_60_m_9.png,홈클린,위생용품,일반비누,일반비누,크리오,크리오)골드디비누,True\n
.write source/product_image_data/product_image_test.csv image_path,div_l,div_m,div_s,div_n,comp_nm,img_prod_nm,multi\nthanosql-dataset/product_image_data/product_image/10242_60_s_12.png,디저트,디저트/베이커리,냉장디저트,냉장디저트,Dole 코리아,Dole후룻볼슬라이스복숭아198g,False\nthanosql-dataset/product_image_data/product_image/10054_30_m_13.png,주류,기타주류,칵테일,칵테일,롯데주류,순하리소다톡바나나355ML,True\n
SELECT fovea_dataset_add('product_image_data', 'source/product_image_data') AS added;
GET THANOSQL DATASET product_image_data
OPTIONS (overwrite=True)

COPY product_image_train
OPTIONS (overwrite=True)
FROM "thanosql-dataset/product_image_data/product_image_train.csv"

COPY product_image_test
OPTIONS (overwrite=True)
FROM "thanosql-dataset/product_image_data/product_image_test.csv"

GET THANOSQL MODEL tutorial_product_classifier
OPTIONS (overwrite=True)
AS tutorial_product_classifier

SELECT *
FROM product_image_train
LIMIT 5

PRINT IMAGE
AS
SELECT image_path
FROM product_image_train
LIMIT 5

PREDICT USING tutorial_product_classifier
AS
SELECT *
FROM product_image_test

BUILD MODEL my_product_classifier
USING ConvNeXt_Tiny
OPTIONS (
  image_col='image_path',
  label_col='div_l',
  epochs=1,
  overwrite=True
  )
AS
SELECT *
FROM product_image_train

PREDICT USING my_product_classifier
OPTIONS (
    image_col='image_path'
    )
AS
SELECT *
FROM product_image_test

-- Training comes later. A model that is here takes the built one's name, and words are its labels.
GET THANOSQL MODEL large AS my_product_classifier;
PREDICT USING my_product_classifier
OPTIONS (
    labels=['유제품', '홈클린', '디저트', '주류'],
    image_col='image_path'
    )
AS
SELECT *
FROM product_image_test

-- C
BUILD MODEL my_product_classifier
USING ConvNeXt_Tiny
OPTIONS (
  image_col='image_path',
  label_col='div_l',
  max_epochs=1,
  overwrite=True
  )
AS
SELECT *
FROM product_image_train

PREDICT USING my_product_classifier
OPTIONS (
    labels=['유제품', '홈클린', '디저트', '주류'],
    image_col='image_path',
    result_col='predict_result'
    )
AS
SELECT *
FROM product_image_test

EVALUATE USING my_product_classifier
OPTIONS (
    labels=['유제품', '홈클린', '디저트', '주류'],
    image_col='image_path',
    label_col='div_l'
    )
AS
SELECT *
FROM product_image_test
