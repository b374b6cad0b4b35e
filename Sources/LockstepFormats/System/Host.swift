import Libc

/// The machine that the process runs on.
package enum Host {
  /// Its name in the network; nil where the system does not say.
  package static var name: String? {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
