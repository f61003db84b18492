-- ThanoSQL's tutorial "search image by keyword", dialect C: its cells in order, as they are written.
.file source/diet_data/diet/백향과/0_A220148.jpg picture 백향과
.file source/diet_data/diet/백향과/1_A220148.jpg picture 백향과 잔
.file source/diet_data/diet/사과파이/0_A020511.jpg picture 사과파이
.file source/diet_data/diet/사과파이/1_A020511.jpg picture 백향과
.file source/diet_data/diet/사과파이/2_A020511.jpg picture 사과파이 접시
.write source/diet_data/diet.csv image_path,label\nthanosql-dataset/diet_data/diet/백향과/0_A220148.jpg,백향과\nthanosql-dataset/diet_data/diet/백향과/1_A220148.jpg,백향과\nthanosql-dataset/diet_data/diet/사과파이/0_A020511.jpg,사과파이\nthanosql-dataset/diet_data/diet/사과파이/1_A020511.jpg,사과파이\nthanosql-dataset/diet_data/diet/사과파이/2_A020511.jpg,사과파이\n
SELECT fovea_dataset_add('diet_data', 'source/diet_data') AS added;
GET THANOSQL DATASET diet_data
OPTIONS (overwrite=True)

COPY diet
OPTIONS (if_exists='replace')
FROM 'thanosql-dataset/diet_data/diet.csv'

SELECT *
FROM diet

BUILD MODEL diet_image_classification
USING ConvNeXt_Tiny
OPTIONS (
    image_col='image_path',
    label_col='label',
    max_epochs=1,
    overwrite=True
    )
AS
SELECT *
FROM diet

PREDICT USING diet_image_classification
OPTIONS (
    image_col='image_path',
    result_col='predict_result'
    )
AS
SELECT *
FROM diet

-- Training comes later. A model that is here takes the built one's name, and words are its labels.
GET THANOSQL MODEL mini AS placed;
INSERT INTO fovea_model_names VALUES ('diet_image_classification', 'ConvNeXt_Tiny', 'mini', '');
PREDICT USING diet_image_classification
OPTIONS (
    image_col='image_path',
    result_col='predict_result'
    )
AS
SELECT *
FROM diet

PREDICT USING diet_image_classification
OPTIONS (
    labels=['백향과', '사과파이'],
    image_col='image_path',
    result_col='predict_result'
    )
AS
SELECT *
FROM diet

SELECT *
FROM (
    PREDICT USING diet_image_classification
    AS
    SELECT *
    FROM diet
    )
WHERE label = predict_result
AND label LIKE '사과파이'
LIMIT 10

SELECT *
FROM (
    PREDICT USING diet_image_classification
    OPTIONS (labels=['백향과', '사과파이'])
    AS
    SELECT *
    FROM diet
    )
WHERE label = predict_result
AND label LIKE '사과파이'
LIMIT 10

