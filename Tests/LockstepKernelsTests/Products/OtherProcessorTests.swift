import Foundation
import TestSupport
import Testing

/// The kernels give the same bits on this processor's instruction sets and, emulated, on arm64: `tools/processors`
/// builds and compares them.
@Suite struct OtherProcessorTests {
  private static let canEmulate =
    program("qemu-aarch64") != nil && FileManager.default.fileExists(atPath: "/usr/aarch64-linux-gnu/include")

  @Test(.enabled(if: canEmulate, "there is no qemu-aarch64 and gcc-aarch64-linux-gnu (tools/setup --processors)"))
  func kernels() throws {
    let outcome = try run("\(PrivatePython.repository)/tools/processors", ["--kernels"])
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("| kernels | ") && outcome.output.contains("arm64"))
  }
}
