/* prebuilt.c - the table of them. Sources: the GET THANOSQL MODEL cells of the documents' versions
 * 1.0.1 to 1.5 and their LIST THANOSQL MODEL. Their CLIP was trained as OpenAI's ViT-B/32 is, as
 * far as its published scores show.
 */
#include "sql/statement/prebuilt.h"

#include <strings.h>

#define CLIP_SOURCE "openai/clip-vit-base-patch32"
#define GONE "its weights were only on a server that is gone; BUILD MODEL trained such a model"
#define OTHER "it is no model of pictures"
#define ANSWERS "answering questions about pictures is not part of this version"

static const struct prebuilt PREBUILT[] = {
    {"clip", "CLIP", CLIP_SOURCE, NULL},
    {"clip_en", "CLIPEn", CLIP_SOURCE, NULL},
    {"clipen", "CLIPEn", CLIP_SOURCE, NULL},
    {"tutorial_search_clip", "CLIPEn", CLIP_SOURCE, NULL},
    {"simclr", "SimCLR", NULL, GONE},
    {"tutorial_search_simclr", "SimCLR", NULL, GONE},
    {"tutorial_image_classification", "ConvNeXt_Tiny", NULL, GONE},
    {"tutorial_product_classifier", "ConvNeXt_Tiny", NULL, GONE},
    {"vilt", "ViLT", NULL, ANSWERS},
    {"vqa", "ViLT", NULL, ANSWERS},
    {"electra", "ElectraEn", NULL, OTHER},
    {"sbert_en", "SBERTEn", NULL, OTHER},
    {"sbert_ko", "SBERTKo", NULL, OTHER},
    {"wav2vec2", "Wav2Vec2En", NULL, OTHER},
    {"whisper_l", "Whisper", NULL, OTHER},
    {"whisper_s", "Whisper", NULL, OTHER},
    {"xclip", "XCLIP", NULL, "it is a model of videos"},
};
enum { PREBUILT_COUNT = sizeof PREBUILT / sizeof PREBUILT[0] };

const struct prebuilt *prebuilt_at(size_t index)
{
    return index < PREBUILT_COUNT ? &PREBUILT[index] : NULL;
}

const struct prebuilt *prebuilt_find(const char *name)
{
    for (size_t i = 0; i < PREBUILT_COUNT; i++)
        if (strcasecmp(PREBUILT[i].name, name) == 0) return &PREBUILT[i];
    return NULL;
}
