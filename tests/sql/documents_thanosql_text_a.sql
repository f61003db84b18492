-- ThanoSQL's tutorial "search image by text", dialect A: its cells in order, as they are written.
.file source/unsplash_data/XMyPniM9LF0.jpg picture woman walking in the middle of forest
.file source/unsplash_data/7XJ3d0xK444.jpg picture a black cat
.file source/unsplash_data/rDLBArZUl1c.jpg picture succulent plants in clear glass terrarium
.file source/unsplash_data/UMyfDjQ6Ep8.jpg picture black cat on a chair
.file source/unsplash_data/cNDGZ2sQ3Bo.jpg picture gloomy mountain photos
.file source/unsplash_data/Ic74ACoaAX0.jpg picture a dog on a chair
.write source/unsplash_data/unsplash.csv photo_id,image_path,photo_image_url,photo_description,ai_description\nXMyPniM9LF0,thanosql-dataset/unsplash_data/XMyPniM9LF0.jpg,https://images.unsplash.com/XMyPniM9LF0,Woman exploring a forest,woman walking in the middle of forest\n7XJ3d0xK444,thanosql-dataset/unsplash_data/7XJ3d0xK444.jpg,https://images.unsplash.com/7XJ3d0xK444,,a black cat\nrDLBArZUl1c,thanosql-dataset/unsplash_data/rDLBArZUl1c.jpg,https://images.unsplash.com/rDLBArZUl1c,Succulents in a terrarium,succulent plants in clear glass terrarium\nUMyfDjQ6Ep8,thanosql-dataset/unsplash_data/UMyfDjQ6Ep8.jpg,https://images.unsplash.com/UMyfDjQ6Ep8,"My cat, asleep",black cat on a chair\ncNDGZ2sQ3Bo,thanosql-dataset/unsplash_data/cNDGZ2sQ3Bo.jpg,https://images.unsplash.com/cNDGZ2sQ3Bo,Rural winter mountainside,gloomy mountain photos\nIc74ACoaAX0,thanosql-dataset/unsplash_data/Ic74ACoaAX0.jpg,https://images.unsplash.com/Ic74ACoaAX0,,a dog on a chair\n
SELECT fovea_dataset_add('unsplash_data', 'source/unsplash_data') AS added;
GET THANOSQL DATASET unsplash_data
OPTIONS (overwrite=True)

COPY unsplash_data
OPTIONS (overwrite=True)
FROM 'thanosql-dataset/unsplash_data/unsplash.csv'

GET THANOSQL MODEL tutorial_search_clip
OPTIONS (overwrite=True)
AS tutorial_search_clip

SELECT photo_id, image_path, photo_image_url, photo_description, ai_description
FROM unsplash_data
LIMIT 5

PRINT IMAGE
AS
SELECT image_path
FROM unsplash_data
LIMIT 5

CONVERT USING tutorial_search_clip
OPTIONS (
    image_col="image_path",
    table_name="unsplash_data",
    batch_size=128
    )
AS
SELECT *
FROM unsplash_data

SEARCH IMAGE text="a black cat"
USING tutorial_search_clip
AS
SELECT *
FROM unsplash_data

SELECT image_path, tutorial_search_clip_clipen_similarity1
FROM (
    SEARCH IMAGE text="a black cat"
    USING tutorial_search_clip
    AS
    SELECT *
    FROM unsplash_data
    )
ORDER BY tutorial_search_clip_clipen_similarity1 DESC
LIMIT 5

PRINT IMAGE
AS (
    SELECT image_path, tutorial_search_clip_clipen_similarity1
    FROM (
        SEARCH IMAGE text="a black cat"
        USING tutorial_search_clip
        AS
        SELECT *
        FROM unsplash_data
        )
    ORDER BY tutorial_search_clip_clipen_similarity1 DESC
    LIMIT 5
    )

SELECT image_path, tutorial_search_clip_clipen_similarity1
FROM (
    SEARCH IMAGE text="a dog on a chair"
    USING tutorial_search_clip
    AS
    SELECT *
    FROM unsplash_data
    )
ORDER BY tutorial_search_clip_clipen_similarity1 DESC
LIMIT 5

PRINT IMAGE
AS (
    SELECT image_path, tutorial_search_clip_clipen_similarity1
    FROM (
        SEARCH IMAGE text="a dog on a chair"
        USING tutorial_search_clip
        AS
        SELECT *
        FROM unsplash_data
        )
    ORDER BY tutorial_search_clip_clipen_similarity1 DESC
    LIMIT 5
    )

SELECT image_path, tutorial_search_clip_clipen_similarity1
FROM (
    SEARCH IMAGE text="gloomy photos"
    USING tutorial_search_clip
    AS
    SELECT *
    FROM unsplash_data
    )
ORDER BY tutorial_search_clip_clipen_similarity1 DESC
LIMIT 5

PRINT IMAGE
AS (
    SELECT image_path, tutorial_search_clip_clipen_similarity1
    FROM (
        SEARCH IMAGE text="gloomy photos"
        USING tutorial_search_clip
        AS
        SELECT *
        FROM unsplash_data
        )
    ORDER BY tutorial_search_clip_clipen_similarity1 DESC
    LIMIT 5
    )

SELECT image_path, tutorial_search_clip_clipen_similarity1
FROM (
    SEARCH IMAGE text="the feeling when your program finally works"
    USING tutorial_search_clip
    AS
    SELECT *
    FROM unsplash_data
    )
ORDER BY tutorial_search_clip_clipen_similarity1 DESC
LIMIT 5

PRINT IMAGE
AS (
    SELECT image_path, tutorial_search_clip_clipen_similarity1
    FROM (
        SEARCH IMAGE text="the feeling when your program finally works"
        USING tutorial_search_clip
        AS
        SELECT *
        FROM unsplash_data
        )
    ORDER BY tutorial_search_clip_clipen_similarity1 DESC
    LIMIT 5
    )

