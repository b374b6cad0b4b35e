#ifndef LOCKSTEP_PNG_SHIM_H
#define LOCKSTEP_PNG_SHIM_H
#include <png.h>
#endif
