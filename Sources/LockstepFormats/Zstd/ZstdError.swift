/// What is wrong with a zstd file, or with compressing.
package enum ZstdError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The first bytes are not those of a zstd frame.
  case notZstd
  /// The file ends before what it began is complete.
  case truncated(String)
  /// What the bytes say contradicts itself or a checksum.
  case damaged(String)
  /// It is a zstd frame, but not one that Lockstep writes: no content size, or a window that would need too much
  /// memory.
  case unsupported(String)
  /// The library refused.
  case library(String)
  case file(FileError)

  package var description: String {
    switch self {
    case .notZstd: "it does not begin as a zstd file does"
    case .truncated(let what), .damaged(let what), .unsupported(let what): what
    case .library(let what): "zstd: \(what)"
    case .file(let error): error.description
    }
  }

  /// What `body` returns; its error becomes one of this type.
  static func wrapping<Result: ~Copyable>(
    _ body: () throws(FileError) -> Result
  ) throws(ZstdError) -> Result {
    do throws(FileError) {
      return try body()
    } catch {
      throw .file(error)
    }
  }
}
