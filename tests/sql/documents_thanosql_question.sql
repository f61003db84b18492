-- ThanoSQL's tutorial "visual question answering", its cells as they are written: the model can't be had, and it is said.
.file source/coco_person_data/000000398905.jpg picture two people
.write source/coco_person_data/coco_person.csv image_path,category\nthanosql-dataset/coco_person_data/000000398905.jpg,person\n
SELECT fovea_dataset_add('coco_person_data', 'source/coco_person_data') AS added;
GET THANOSQL DATASET coco_person_data
OPTIONS (overwrite=True)

COPY coco_person_data
OPTIONS (overwrite=True)
FROM 'thanosql-dataset/coco_person_data/coco_person.csv'

GET THANOSQL MODEL vqa
OPTIONS (overwrite=True)
AS tutorial_vqa

GET THANOSQL MODEL vilt
OPTIONS (
    model_name='tutorial_vqa',
    overwrite=True
    )

SELECT *
FROM coco_person_data
LIMIT 5

PRINT IMAGE
AS
SELECT image_path
FROM coco_person_data
LIMIT 5

PREDICT USING tutorial_vqa
OPTIONS (
    image_col='image_path',
    question='How many people are there?',
    column_name='predict_result'
    )
AS
SELECT image_path
FROM coco_person_data
