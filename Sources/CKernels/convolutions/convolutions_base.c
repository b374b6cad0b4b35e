// Convolutions on every processor of the architecture.
#include "../products/tile_float32_base.h"
#include "grid.h"
#define LK_CONVOLUTIONS lk_convolutions_base
#include "convolutions.h"
