#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A number that tells the calling thread from others.
func currentThread() -> UInt64 {
  #if os(Linux)
    UInt64(pthread_self())
  #else
    UInt64(UInt(bitPattern: pthread_self()))
  #endif
}
