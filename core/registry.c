/* Every operation built in. One line declares it, one lists it. */
#include "core/ops.h"

#include <string.h>

extern const struct bf_reader bf_reader_jsonl;
extern const struct bf_modality bf_modality_image;
extern const struct bf_modality bf_modality_video;
extern const struct bf_modality bf_modality_audio;
extern const struct bf_modality bf_modality_subtitles;
extern const struct bf_modality bf_modality_tactile;
extern const struct bf_operator bf_operator_drop;
extern const struct bf_operator bf_operator_white;
extern const struct bf_operator bf_operator_black;
extern const struct bf_operator bf_operator_gray;
extern const struct bf_operator bf_operator_mean;
extern const struct bf_operator bf_operator_noise;
extern const struct bf_operator bf_operator_silence;
extern const struct bf_operator bf_operator_zero;
extern const struct bf_operator bf_operator_freeze;
extern const struct bf_operator bf_operator_grayscale;
extern const struct bf_operator bf_operator_blur;
extern const struct bf_operator bf_operator_swap;
extern const struct bf_operator bf_operator_add_noise;
extern const struct bf_operator bf_operator_diffuse;
extern const struct bf_operator bf_operator_pixelate;
extern const struct bf_operator bf_operator_patch_shuffle;
extern const struct bf_operator bf_operator_edges;
extern const struct bf_operator bf_operator_jpeg;
extern const struct bf_operator bf_operator_occlude;
extern const struct bf_operator bf_operator_frame_shuffle;
extern const struct bf_operator bf_operator_reverse;
extern const struct bf_operator bf_operator_one_frame;
extern const struct bf_operator bf_operator_segments;
extern const struct bf_operator bf_operator_mute;
extern const struct bf_operator bf_operator_shift;
extern const struct bf_operator bf_operator_time_shuffle;
extern const struct bf_operator bf_operator_band_limit;
extern const struct bf_operator bf_operator_babble;
extern const struct bf_operator bf_operator_pitch;
extern const struct bf_operator bf_operator_channel_drop;
extern const struct bf_operator bf_operator_bursts;
extern const struct bf_operator bf_operator_saturate;
extern const struct bf_operator bf_operator_drift;
extern const struct bf_operator bf_operator_words;
extern const struct bf_operator bf_operator_word_shuffle;
extern const struct bf_probe bf_probe_builtin;
extern const struct bf_probe bf_probe_answers;
extern const struct bf_probe bf_probe_command;
extern const struct bf_probe bf_probe_chat;
extern const struct bf_probe bf_probe_batch;
extern const struct bf_probe bf_probe_serve;
extern const struct bf_metric bf_metric_accuracy;
extern const struct bf_metric bf_metric_contribution;
extern const struct bf_metric bf_metric_loo_contribution;
extern const struct bf_metric bf_metric_imbalance;
extern const struct bf_metric bf_metric_sufficient;
extern const struct bf_metric bf_metric_mis;
extern const struct bf_metric bf_metric_v_information;
extern const struct bf_metric bf_metric_bias;
extern const struct bf_metric bf_metric_judged;
extern const struct bf_metric bf_metric_position_bias;
extern const struct bf_metric bf_metric_leaks;
extern const struct bf_metric bf_metric_repair;
extern const struct bf_filter bf_filter_answerable;
extern const struct bf_filter bf_filter_duplicates;
extern const struct bf_filter bf_filter_shortcut;
extern const struct bf_filter bf_filter_where;
extern const struct bf_filter bf_filter_ibp;
extern const struct bf_filter bf_filter_aflite;
extern const struct bf_emitter bf_emitter_jsonl;

/* `bf_op_tables` looks at entries through their first member. */
#define AS_OPS(table) ((const struct bf_op *const *)(const void *)(table))

/* clang-format off */
const struct bf_reader *const bf_readers[] = {
    &bf_reader_jsonl,
    NULL,
};

const struct bf_modality *const bf_modalities[] = {
    &bf_modality_image,
    &bf_modality_video,
    &bf_modality_audio,
    &bf_modality_tactile,
    &bf_modality_subtitles,
    NULL,
};

const struct bf_operator *const bf_operators[] = {
    &bf_operator_drop,
    &bf_operator_white,
    &bf_operator_black,
    &bf_operator_gray,
    &bf_operator_mean,
    &bf_operator_noise,
    &bf_operator_silence,
    &bf_operator_zero,
    &bf_operator_freeze,
    &bf_operator_grayscale,
    &bf_operator_blur,
    &bf_operator_swap,
    &bf_operator_add_noise,
    &bf_operator_diffuse,
    &bf_operator_pixelate,
    &bf_operator_patch_shuffle,
    &bf_operator_edges,
    &bf_operator_jpeg,
    &bf_operator_occlude,
    &bf_operator_frame_shuffle,
    &bf_operator_reverse,
    &bf_operator_one_frame,
    &bf_operator_segments,
    &bf_operator_mute,
    &bf_operator_shift,
    &bf_operator_time_shuffle,
    &bf_operator_band_limit,
    &bf_operator_babble,
    &bf_operator_pitch,
    &bf_operator_channel_drop,
    &bf_operator_bursts,
    &bf_operator_saturate,
    &bf_operator_drift,
    &bf_operator_words,
    &bf_operator_word_shuffle,
    NULL,
};

const struct bf_probe *const bf_probes[] = {
    &bf_probe_builtin,
    &bf_probe_answers,
    &bf_probe_command,
    &bf_probe_chat,
    &bf_probe_batch,
    &bf_probe_serve,
    NULL,
};

const struct bf_metric *const bf_metrics[] = {
    &bf_metric_accuracy,
    &bf_metric_contribution,
    &bf_metric_loo_contribution,
    &bf_metric_imbalance,
    &bf_metric_sufficient,
    &bf_metric_mis,
    &bf_metric_v_information,
    &bf_metric_bias,
    &bf_metric_judged,
    &bf_metric_position_bias,
    &bf_metric_leaks,
    &bf_metric_repair,
    NULL,
};

const struct bf_filter *const bf_filters[] = {
    &bf_filter_answerable,
    &bf_filter_duplicates,
    &bf_filter_shortcut,
    &bf_filter_where,
    &bf_filter_ibp,
    &bf_filter_aflite,
    NULL,
};

const struct bf_emitter *const bf_emitters[] = {
    &bf_emitter_jsonl,
    NULL,
};

const struct bf_op_table bf_op_tables[] = {
    { "reader", "pool", AS_OPS(bf_readers) },
    { "modality", "modalities", AS_OPS(bf_modalities) },
    { "operator", "conditions", AS_OPS(bf_operators) },
    { "probe", "probes", AS_OPS(bf_probes) },
    { "score", "scores", AS_OPS(bf_metrics) },
    { "filter", "filters", AS_OPS(bf_filters) },
    { "format", "emit", AS_OPS(bf_emitters) },
    { NULL, NULL, NULL },
};

/* clang-format on */

#undef AS_OPS

const struct bf_op *bf_op_find(const struct bf_op *const *ops, const char *name)
{
    for (size_t i = 0; ops[i]; i++)
        if (strcmp(ops[i]->name, name) == 0)
            return ops[i];
    return NULL;
}

const struct bf_modality *bf_modality_of(enum bf_carrier carrier)
{
    for (size_t i = 0; bf_modalities[i]; i++)
        if (bf_modalities[i]->carrier == carrier)
            return bf_modalities[i];
    return NULL;
}
