import Foundation
import Lockstep
import TestSupport
import Testing

/// Data and networks that take more than the process may have.
@Suite("Bad input: hostile data", .enabled(if: Tool.hasOwnMemory, "a sanitizer takes memory of its own"))
struct HostileDataTests {
  @Test func packedDataThatDoesNotFit() throws {
    let place = try Place()
    let (rows, columns) = (4_000_000, 16)
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    let start = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8)
    let zeros = rows * columns * 4
    try place.write(
      Data(HostileFile.frame(start, zeros: zeros, promising: start.count + zeros)), to: "x.npy.zst")
    try place.write(
      Data(
        """
        data: {train: {npy: {features: x.npy.zst, targets: x.npy.zst}}}
        model: {layers: [{dense: {units: \(columns)}}]}
        loss: mean_squared_error
        optimizer: sgd
        training: {batch_size: 10, steps: 2}
        """.utf8), to: "large.yaml")
    let outcome = try Tool.run(["check", "large.yaml"], in: place.folder, kilobytes: 100_000)
    #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors.contains("large.yaml:1:32: data.train.npy.features: found"), "\(outcome)")
    #expect(outcome.errors.contains("MiB once it is read"), "\(outcome)")
    #expect(try Tool.run(["check", "large.yaml"], in: place.folder).status == 0)
  }

  /// `ulimit -d` is no limit that the estimate knows: the system alone says no.
  @Test func aNetworkForWhichTheSystemHasNoMemory() throws {
    let place = try Place()
    let arguments = ["train", "config.yaml", "--output", "run", "--set", "model.layers.0.dense.units=4000000"]
    let outcome = try Tool.run(arguments, in: place.folder, kilobytes: 400_000)
    #expect(outcome.status == 2 && outcome.errors.contains("the system does not grant so much"), "\(outcome)")
    #expect(!FileManager.default.fileExists(atPath: place.path("run")))
  }
}
