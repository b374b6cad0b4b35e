// Products in bfloat16 on every processor of the architecture.
#include "bfloat16.h"
#include "blocks.h"
#include "tile_bfloat16_base.h"
#define LK_PRODUCTS lk_bfloat16_products_base
#include "products.h"
