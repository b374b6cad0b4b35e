#ifndef LOCKSTEP_CRYPTO_SHIM_H
#define LOCKSTEP_CRYPTO_SHIM_H
#include <openssl/evp.h>
#include <openssl/sha.h>
#endif
