import LockstepKernels
import LockstepModel
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

/// Images that NumPy has written, standardised as NumPy does it.
@Suite("Images of NumPy", .enabled(if: python, PrivatePython.excuse))
struct ImageArrayTests {
  /// Every type of pixels, with channels last and first, in archives and tensors, against NumPy's mean and std over the
  /// axes (0, 1, 2).
  @Test func pixelsAndStatisticsOfNumPy() throws {
    let script = """
      import numpy as np
      from safetensors.numpy import save_file
      r = np.random.default_rng(3)
      for t in ["u1", "i2", "f2", "f4", "f8", ">f4"]:
          x = r.integers(0, 255, (23, 5, 7, 3)) if t == "u1" else r.normal([5, -30, 0.01], [1, 20, 0.001], (23, 5, 7, 3)) * 10
          x = x.astype(t)
          p = np.ascontiguousarray(np.moveaxis(x, -1, 1))
          name = t.replace(">", "b")
          np.save(f"{name}.npy", x)
          np.save(f"{name}-planes.npy", p)
          np.save(f"{name}-flat.npy", p.reshape(23, -1))
          np.savez_compressed(f"{name}.npz", x=x)
          if t != ">f4": save_file({"x": x}, f"{name}.safetensors")
          d = x.astype("f8")
          s = d.std((0, 1, 2))
          s[s == 0] = 1  # the third channel of i2 is 0 everywhere
          np.save(f"{name}-expected.npy", ((d - d.mean((0, 1, 2))) / s).reshape(23, -1))
          np.save(f"{name}-pixels.npy", x.astype("f4").reshape(23, -1))
      np.save("y.npy", np.arange(23) % 2)
      """
    try withTemporaryFolder { folder in
      let outcome = try PrivatePython.run(["-c", script], in: folder)
      #expect(outcome.status == 0, "\(outcome.output)")
      let planar = ImageLayout(height: 5, width: 7, channels: 3, order: .channelsFirst)
      for type in ["u1", "i2", "f2", "f4", "f8", "bf4"] {
        let targets = "\(folder)/y.npy"
        // Statistics need targets of the source's own kind; arrays of an archive are read as a model reads them.
        func read(_ name: String, _ image: ImageLayout?, isStandardized: Bool) throws -> FileData {
          try FileData(
            opening: FileData.Description(
              train: .npy(features: "\(folder)/\(name)", targets: targets), isStandardized: isStandardized,
              image: image, kind: .classes))
        }
        for isStandardized in [false, true] {
          let wanted = try ArrayFile.npy("\(folder)/\(type)-\(isStandardized ? "expected" : "pixels").npy").values
          for (name, image) in [
            ("\(type).npy", nil), ("\(type)-planes.npy", planar), ("\(type)-flat.npy", planar),
          ] {
            let data = try read(name, image, isStandardized: isStandardized)
            #expect(data.preprocessing.shape == planar.shape, "\(name)")
            try expect(data.sets.train, wanted, isStandardized, name)
          }
          let known = try read("\(type).npy", nil, isStandardized: isStandardized).preprocessing
          var sources = [FileSource.npz(path: "\(folder)/\(type).npz", features: "x", targets: nil)]
          if type != "bf4" {
            sources.append(.safetensors(path: "\(folder)/\(type).safetensors", features: "x", targets: nil))
          }
          for source in sources {
            let data = try FileData.samples(of: source, known, withTargets: false)
            try expect(data, wanted, isStandardized, "\(source)")
          }
        }
      }
    }
  }

  private func expect(_ data: any Dataset, _ wanted: NumericArray, _ isStandardized: Bool, _ name: String) throws {
    let inputs = Arena(count: data.count * data.features)
    let x = inputs.matrix(at: 0, rows: data.count, columns: data.features)
    let targets = Arena(count: data.count * data.task.targetColumns)
    let y = targets.matrix(at: 0, rows: data.count, columns: data.task.targetColumns)
    try data.fill(Array(0..<data.count).span, features: x, targets: y)
    let memory = Arena(count: wanted.columns)
    for row in 0..<data.count {
      wanted.read(row: row, into: memory.all)
      let expected = memory.all.array.map { Double($0) }
      expectClose(
        actual: x.row(row).array, expected: expected, absolute: isStandardized ? 1e-6 : 0,
        relative: isStandardized ? 1e-6 : 0, name)
    }
  }
}

private let python = PrivatePython.has("numpy", "safetensors")
