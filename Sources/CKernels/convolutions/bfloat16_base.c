// Convolutions in bfloat16 on every processor of the architecture.
#include "../products/bfloat16.h"
#include "../products/tile_bfloat16_base.h"
#include "grid.h"
#define LK_CONVOLUTIONS lk_bfloat16_convolutions_base
#include "convolutions.h"
