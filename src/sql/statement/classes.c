/* classes.c - the table of ThanoSQL's base models, by the documents' versions 1.0.0 to 1.5. */
#include "sql/statement/classes.h"

#include <stddef.h>
#include <strings.h>

#include "base/near.h"

static const struct model_class CLASSES[] = {
    {"SimCLR", CLASS_CONTRAST, NULL, NULL},
    {"ConvNeXt_Tiny", CLASS_CLASSIFIER, NULL, NULL},
    {"ConvNeXt_Base", CLASS_CLASSIFIER, NULL, NULL},
    {"EfficientNetV2S", CLASS_CLASSIFIER, "EfficientV2S", NULL},
    {"EfficientNetV2M", CLASS_CLASSIFIER, "EfficientV2M", NULL},
    {"CLIP", CLASS_READY, NULL, NULL},
    {"CLIPEn", CLASS_READY, NULL, NULL},
    {"ViLT", CLASS_OTHER, NULL, "questions about pictures"},
    {"XCLIP", CLASS_OTHER, NULL, "videos"},
    {"SBERTEn", CLASS_OTHER, NULL, "texts"},
    {"SBERTKo", CLASS_OTHER, NULL, "texts"},
    {"ElectraEn", CLASS_OTHER, NULL, "texts"},
    {"ElectraKo", CLASS_OTHER, NULL, "texts"},
    {"AlbertEn", CLASS_OTHER, NULL, "texts"},
    {"AlbertKo", CLASS_OTHER, NULL, "texts"},
    {"Wav2Vec2En", CLASS_OTHER, NULL, "speech"},
    {"Wav2Vec2Ko", CLASS_OTHER, NULL, "speech"},
    {"Whisper", CLASS_OTHER, NULL, "speech"},
    {"TFT", CLASS_OTHER, NULL, "time series"},
    {"AutomlClassifier", CLASS_OTHER, NULL, "tables of numbers"},
    {"AutomlRegressor", CLASS_OTHER, NULL, "tables of numbers"},
    {"Color_Descriptor", CLASS_OTHER, NULL, "colours"},
};
enum { CLASS_COUNT = sizeof CLASSES / sizeof CLASSES[0] };

const struct model_class *class_find(const char *name)
{
    for (int i = 0; i < CLASS_COUNT; i++) {
        const struct model_class *c = &CLASSES[i];
        if (strcasecmp(c->name, name) == 0) return c;
        if (c->also != NULL && strcasecmp(c->also, name) == 0) return c;
    }
    return NULL;
}

const char *class_near(const char *name)
{
    const char *best = NULL;
    for (int i = 0; i < CLASS_COUNT; i++) near_consider(name, CLASSES[i].name, &best);
    return best;
}
