/* Names of carriers and the limits a run starts with. */
#include "core/media.h"

const char *bf_carrier_name(enum bf_carrier carrier)
{
    static const char *const names[BF_CARRIER_COUNT] = {
        [BF_TEXT] = "text", [BF_RASTER] = "raster", [BF_CLIP] = "clip",
        [BF_WAVE] = "wave", [BF_TRACE] = "trace",
    };
    return (int)carrier >= 0 && carrier < BF_CARRIER_COUNT ? names[carrier] : "unknown";
}

const struct bf_limits bf_default_limits = {
    .file_bytes = (size_t)512 << 20,
    .pixels = 64000000,
    .side = 16384,
    .wave_seconds = 3600,
    .clip_seconds = 3600,
    .trace_values = 64000000,
    .wall_seconds = 60,
};
