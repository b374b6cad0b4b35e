// As macOS 14.4 declares it.
#include <stddef.h>
#include <stdint.h>
typedef enum { OS_SYNC_WAIT_ON_ADDRESS_NONE = 0 } os_sync_wait_on_address_flags_t;
typedef enum { OS_SYNC_WAKE_BY_ADDRESS_NONE = 0 } os_sync_wake_by_address_flags_t;
int os_sync_wait_on_address(void *address, uint64_t value, size_t size, os_sync_wait_on_address_flags_t flags);
int os_sync_wake_by_address_all(void *address, size_t size, os_sync_wake_by_address_flags_t flags);
