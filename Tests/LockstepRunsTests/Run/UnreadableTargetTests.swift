import LockstepConfiguration
import LockstepKernels
import TestSupport
import Testing

@testable import LockstepRuns

/// Targets that are no numbers, met while a run goes on.
@Suite struct UnreadableTargetTests {
  private func npy(_ header: String, version: [UInt8] = [1, 0], body: [UInt8]) -> [UInt8] {
    let text = Array(header.utf8)
    let length =
      version[0] == 1
      ? [UInt8(text.count & 255), UInt8(text.count >> 8)] : [UInt8(text.count & 255), UInt8(text.count >> 8), 0, 0]
    return [0x93] + Array("NUMPY".utf8) + version + length + text + body
  }

  /// Targets of a mapped array are not read through before; a run that meets what is no number has wrong input, and its
  /// numbers have not diverged.
  @Test func aRunEndsWhereItsDataIsNoNumber() throws {
    try withTemporaryFolder { folder in
      let (one, nan): ([UInt8], [UInt8]) = ([0, 0, 0x80, 0x3F], [0, 0, 0xC0, 0x7F])
      let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (64, 1), }\n"
      try write(npy(header, body: (0..<64).flatMap { _ in one }), to: "\(folder)/x.npy")
      try write(npy(header, body: (0..<64).flatMap { $0 == 40 ? nan : one }), to: "\(folder)/y.npy")
      let configuration = try RunConfiguration(
        yaml: """
          data: {train: {npy: {features: \(folder)/x.npy, targets: \(folder)/y.npy}}}
          model: {layers: [{dense: {units: 1}}]}
          loss: mean_squared_error
          optimizer: sgd
          training: {batch_size: 8, shards: 2, threads: 1, epochs: 1, on_divergence: {skip: {limit: 9}}}
          """)
      let run = try TrainingRun.start(configuration, output: "\(folder)/run")
      let error = #expect(throws: RunError.self) { try run.train() }
      guard case .input(let message)? = error else {
        Issue.record("\(error.map(String.init(describing:)) ?? "")")
        return
      }
      #expect(message.contains("y.npy: row 40, column 0: found nan, expected a finite number (missing_target"))
      #expect(
        try RunRecord("\(folder)/run").state
          == .failed(message: message.split(separator: "\n").dropLast().joined(separator: "\n")))
    }
  }
}
