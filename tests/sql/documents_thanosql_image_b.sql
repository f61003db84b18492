-- ThanoSQL's tutorial "search image by image", dialect B: its cells in order, as they are written.
.file source/mnist_data/train/6782.jpg picture five
.file source/mnist_data/train/1810.jpg picture six
.file source/mnist_data/test/923.jpg picture eight
.file source/mnist_data/test/5099.jpg picture six
.file source/mnist_data/test/9239.jpg picture six small
.file source/mnist_data/test/8045.jpg picture eight wide
.file source/mnist_data/test/2150.jpg picture eight small
.file source/mnist_data/test/5087.jpg picture nine
.write source/mnist_data/mnist_train.csv image_path,filename,label\nthanosql-dataset/mnist_data/train/6782.jpg,6782.jpg,5\nthanosql-dataset/mnist_data/train/1810.jpg,1810.jpg,6\n
.write source/mnist_data/mnist_test.csv image_path,filename,label\nthanosql-dataset/mnist_data/test/5099.jpg,5099.jpg,6\nthanosql-dataset/mnist_data/test/9239.jpg,9239.jpg,6\nthanosql-dataset/mnist_data/test/923.jpg,923.jpg,8\nthanosql-dataset/mnist_data/test/8045.jpg,8045.jpg,8\nthanosql-dataset/mnist_data/test/2150.jpg,2150.jpg,8\nthanosql-dataset/mnist_data/test/5087.jpg,5087.jpg,9\n
SELECT fovea_dataset_add('mnist_data', 'source/mnist_data') AS added;
GET THANOSQL DATASET mnist_data
OPTIONS (overwrite=True)

COPY mnist_train
OPTIONS (overwrite=True)
FROM "thanosql-dataset/mnist_data/mnist_train.csv"

COPY mnist_test
OPTIONS (overwrite=True)
FROM "thanosql-dataset/mnist_data/mnist_test.csv"

SELECT *
FROM mnist_train
LIMIT 5

BUILD MODEL my_image_search_model
USING SimCLR
OPTIONS (
    image_col="image_path",
    max_epochs=1,
    overwrite=True
    )
AS
SELECT *
FROM mnist_train

GET THANOSQL MODEL mini AS placed;
-- Training comes later: a model that is here takes the built one's name.
INSERT OR REPLACE INTO fovea_model_names VALUES ('my_image_search_model', 'SimCLR', 'mini', '');
CONVERT USING my_image_search_model
OPTIONS (
    table_name= "mnist_test",
    image_col="image_path",
    column_name="convert_result"
    )
AS
SELECT *
FROM mnist_test

SEARCH IMAGE image='thanosql-dataset/mnist_data/test/923.jpg'
USING my_image_search_model
OPTIONS (
    emb_col="convert_result",
    column_name="search_result"
    )
AS
SELECT *
FROM mnist_test

PRINT IMAGE
AS (
    SELECT image_path, search_result
    FROM (
        SEARCH IMAGE image='thanosql-dataset/mnist_data/test/923.jpg'
        USING my_image_search_model
        OPTIONS (
            emb_col="convert_result",
            column_name="search_result"
            )
        AS
        SELECT *
        FROM mnist_test
        )
    ORDER BY search_result DESC
    LIMIT 4
    )
