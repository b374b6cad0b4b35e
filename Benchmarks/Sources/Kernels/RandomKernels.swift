import LockstepData
import LockstepKernels
import LockstepTraining

/// Random numbers, the layers that draw them, and the samples that are made of them.
enum RandomKernels {
  /// A shard of `wide`.
  private static let (rows, columns) = (128, 1024)

  static let streams = KernelGroup(title: "random numbers, row by row") {
    let operands = Operands()
    let (x, y, factor) = operands.matrices(rows, columns)
    let key = RandomKey(seed: 1, purpose: .probe)
    func kernel(
      _ name: String, reads: Int, writes: Int, inPlace: Bool = false, row: @escaping (Int, RandomStream) -> Void
    ) -> Kernel {
      let traffic = Kernel.Traffic.elements(x.count, reads: reads, writes: writes, inPlace: inPlace)
      return Kernel(name: name, shape: "\(rows) × \(columns)", work: .memory(traffic), operands: operands) {
        for index in 0..<rows { row(index, key.stream(7, row: UInt32(index))) }
      }
    }
    return [
      kernel("uniform", reads: 0, writes: 1) { row, stream in stream.uniform(into: y.row(row)) },
      kernel("normal", reads: 0, writes: 1) { row, stream in stream.normal(into: y.row(row)) },
      kernel("dropout", reads: 1, writes: 2) { row, stream in
        dropout(x.row(row), rate: 0.2, stream: stream, into: y.row(row), factor: factor.row(row))
      },
      kernel("alpha dropout", reads: 1, writes: 2) { row, stream in
        alphaDropout(x.row(row), rate: 0.05, stream: stream, into: y.row(row), factor: factor.row(row))
      },
      kernel("rrelu", reads: 1, writes: 2) { row, stream in
        randomizedReLU(
          x.row(row), lower: 1 / 8, upper: 1 / 3, stream: stream, into: y.row(row), factor: factor.row(row))
      },
      // Backward of all three.
      kernel("factor times gradient", reads: 2, writes: 1, inPlace: true) { row, _ in
        multiplyElements(x.row(row), factor.row(row), into: x.row(row))
      },
    ]
  }

  static let samples = KernelGroup(title: "samples of one shard") {
    try [("wide", 128, 784, 10), ("deep", 64, 128, 10), ("tabular", 32, 100, 2), ("small", 8, 32, 4)].flatMap {
      try samples(of: $0.0, rows: $0.1, features: $0.2, classes: $0.3)
    }
  }

  private static func samples(of name: String, rows: Int, features: Int, classes: Int) throws -> [Kernel] {
    let operands = Operands()
    let (x, labels) = (operands.matrix(rows, features), operands.matrix(rows, 1))
    let specification = SyntheticSpecification(
      kind: .gaussianClusters(), samples: 1_000_000_000, features: features, task: .classification(classes: classes))
    let data = try specification.makeDataset(runSeed: 1)
    let batch = try Sampler(sampleCount: data.count, batchSize: rows, seed: 1).batch(at: 0)
    let samples = Slots(repeating: 0, count: rows)
    batch.samples(0..<rows, into: samples)
    return [
      Kernel(
        name: "epoch order, \(name)", shape: "\(rows)", work: .memory(.init(read: 0, written: 8 * rows)),
        operands: operands
      ) { batch.samples(0..<rows, into: samples) },
      Kernel(
        name: "gaussian clusters, \(name)", shape: "\(rows) × \(features)",
        work: .memory(.init(read: 8 * rows, written: 4 * rows * (features + 1))), operands: operands
      ) {
        // Shapes that do not fit are all that it can throw for.
        samples.withSpan(0..<rows) { try? data.fill($0, features: x, targets: labels) }
      },
    ]
  }
}
