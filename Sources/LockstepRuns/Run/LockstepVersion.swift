private import CZstd

/// Versions that checkpoints and `--version` tell.
public enum LockstepVersion {
  /// Of Lockstep.
  public static let current = "0.1.0"
  /// Of the library that compresses checkpoints.
  public static var zstd: String {
    let number = ZSTD_versionNumber()
    return "zstd \(number / 10_000).\(number / 100 % 100).\(number % 100)"
  }
}
