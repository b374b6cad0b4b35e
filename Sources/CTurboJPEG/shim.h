#ifndef LOCKSTEP_TURBOJPEG_SHIM_H
#define LOCKSTEP_TURBOJPEG_SHIM_H
#include <turbojpeg.h>
#endif
