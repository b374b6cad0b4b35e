// The C library of the system, under one name.
#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#else
  @_exported import Darwin
#endif

/// The soft limit of the address space that this process may use, in bytes (`ulimit -v`); nil where it is not known. C
/// libraries do not agree on the type of what is asked for.
public func addressSpaceLimit() -> UInt64? {
  var limit = rlimit()
  #if canImport(Glibc)
    guard unsafe getrlimit(.init(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
  #else
    guard unsafe getrlimit(.init(RLIMIT_AS), &limit) == 0 else { return nil }
  #endif
  return UInt64(limit.rlim_cur)
}
