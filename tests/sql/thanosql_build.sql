-- BUILD MODEL and FIT MODEL: everything is checked, then training is refused.
CREATE TABLE mnist_train AS SELECT 'a.png' AS image_path, 'a' AS filename, '1' AS label;
CREATE TABLE product AS SELECT 'a.png' AS image_path, 'shoes' AS div_l;
CREATE TABLE bare AS SELECT 1 AS id, 'x' AS label;
BUILD MODEL my_image_search_model USING SimCLR OPTIONS (image_col="image_path", max_epochs=1, overwrite=True) AS SELECT * FROM mnist_train;
BUILD MODEL my_image_search_model
USING SimCLR
OPTIONS (
    image_col='image_path',
    filename_col='filename',
    label_col='label',
    batch_size=256,
    max_epochs=5,
    pretrained=False
)
AS
SELECT * FROM mnist_train;
BUILD MODEL diet_image_classification USING ConvNeXt_Tiny OPTIONS (image_col='image_path', label_col='label', epochs=1, overwrite=True) AS SELECT * FROM mnist_train;
BUILD MODEL my_product_classifier USING ConvNeXt_Tiny OPTIONS (label_col='div_l') AS (SELECT * FROM product);
BUILD MODEL m USING EfficientNetV2S OPTIONS (learning_rate=0.001, input_size=224, color='GRAY') AS SELECT * FROM mnist_train;
BUILD MODEL m USING efficientv2m AS SELECT * FROM mnist_train;
FIT MODEL n USING mini OPTIONS (max_epochs=2) AS SELECT * FROM mnist_train;
FIT MODEL mini AS SELECT * FROM mnist_train;
-- base models
BUILD MODEL m USING SimCRL AS SELECT * FROM mnist_train;
BUILD MODEL m USING nothing_like_it AS SELECT * FROM mnist_train;
BUILD MODEL m USING CLIP AS SELECT * FROM mnist_train;
BUILD MODEL m USING SBERTEn AS SELECT * FROM mnist_train;
BUILD MODEL m USING ViLT AS SELECT * FROM mnist_train;
BUILD MODEL m AS SELECT * FROM mnist_train;
BUILD MODEL m USING 5 AS SELECT * FROM mnist_train;
BUILD MODEL 5 USING SimCLR AS SELECT * FROM mnist_train;
FIT MODEL n USING nosuch AS SELECT * FROM mnist_train;
-- options
BUILD MODEL m USING SimCLR OPTIONS (max_epoch=1) AS SELECT * FROM mnist_train;
BUILD MODEL m USING SimCLR OPTIONS (epochs=1, max_epochs=2) AS SELECT * FROM mnist_train;
BUILD MODEL m USING SimCLR OPTIONS (learning_rate=0.1) AS SELECT * FROM mnist_train;
BUILD MODEL m USING ConvNeXt_Base OPTIONS (pretrained=True) AS SELECT * FROM mnist_train;
BUILD MODEL m USING ConvNeXt_Base OPTIONS (learning_rate=0) AS SELECT * FROM mnist_train;
BUILD MODEL m USING ConvNeXt_Base OPTIONS (learning_rate=2) AS SELECT * FROM mnist_train;
BUILD MODEL m USING ConvNeXt_Base OPTIONS (learning_rate='fast') AS SELECT * FROM mnist_train;
BUILD MODEL m USING ConvNeXt_Base OPTIONS (color='CMYK') AS SELECT * FROM mnist_train;
BUILD MODEL m USING ConvNeXt_Base OPTIONS (epochs=0) AS SELECT * FROM mnist_train;
BUILD MODEL m USING ConvNeXt_Base OPTIONS (overwrite=3) AS SELECT * FROM mnist_train;
-- columns
BUILD MODEL m USING SimCLR OPTIONS (image_col='path') AS SELECT * FROM mnist_train;
BUILD MODEL m USING SimCLR AS SELECT * FROM bare;
BUILD MODEL m USING ConvNeXt_Tiny AS SELECT * FROM product;
BUILD MODEL m USING ConvNeXt_Tiny OPTIONS (label_col='div') AS SELECT * FROM product;
BUILD MODEL m USING SimCLR OPTIONS (filename_col='file_name') AS SELECT * FROM mnist_train;
BUILD MODEL m USING SimCLR AS SELECT nosuch FROM mnist_train;
-- other models' statements
SELECT * FROM (BUILD MODEL m USING SimCLR AS SELECT * FROM mnist_train);
TRANSFORM USING mini AS SELECT * FROM mnist_train;
GENERATE USING GPT AS SELECT * FROM mnist_train;
