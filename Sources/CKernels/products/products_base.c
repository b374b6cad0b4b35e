// Products on every processor of the architecture.
#include "blocks.h"
#include "tile_float32_base.h"
#define LK_PRODUCTS lk_products_base
#include "products.h"
