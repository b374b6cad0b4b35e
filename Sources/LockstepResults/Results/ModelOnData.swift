import LockstepConfiguration
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

/// A trained model beside the samples that it is looked at on.
struct ModelOnData {
  let restored: RestoredRun
  let data: any Dataset
  /// How the samples were read.
  let preprocessing: Preprocessing
  let isAveraged: Bool

  var configuration: RunConfiguration { restored.configuration }

  /// Reads and verifies a checkpoint, and opens the samples, as `EvaluationReport` does.
  ///
  /// - Parameter source: nil for the run's own validation data.
  init(
    checkpoint path: String, on source: DataSource?, weights: TrainedWeights? = nil,
    reading: ReadingOverrides = ReadingOverrides()
  ) throws(RunError) {
    restored = try RestoredRun(checkpoint: path)
    isAveraged = try restored.configuration.takesAverage(weights, path)
    preprocessing = try restored.configuration.preprocessing.reading(reading, path)
    data = try EvaluationReport.dataset(source, of: restored, preprocessing)
    let place = source == nil ? path : "--data"
    let network = try restored.configuration.network()
    do throws(TrainingError) { try restored.configuration.loss.check(network, on: data) } catch {
      throw .input("\(place): \(error)")
    }
  }

  /// Missing cells and unknown categories of the samples; none where they are of no file.
  func gaps() throws(RunError) -> ReadingGaps {
    guard let file = data as? FileDataset else { return ReadingGaps() }
    return try asInput { () throws(DatasetError) in try file.gaps() }
  }

  /// Names of classes, labels or targets; an output without one is called by its number.
  var names: [String] {
    let (named, count) =
      switch preprocessing.targets {
      case .classes(let names): (names, names.count)
      case .labels(let count), .numbers(let count): (preprocessing.targetNames, count)
      }
    return (0..<count).map { $0 < named.count ? named[$0] : "\($0)" }
  }

  /// Names of the columns of features; one without is called by its number.
  var columnNames: [String] { preprocessing.columns.indices.map { preprocessing.columns[$0].name ?? "feature \($0)" } }

  /// Multiply-adds that one sample takes.
  var work: Double {
    let network = try? configuration.network()
    return network?.products.reduce(0) { $0 + $1.forwardMultiplyAdds } ?? 0
  }
}

/// Some samples of a data set: all, or so many that lie evenly apart from the first on.
struct EvenChoice: Sendable, Equatable {
  let count: Int
  let available: Int

  init(_ most: Int, of available: Int) { (count, self.available) = (min(most, available), available) }

  /// The number of the sample at `place`, both from 0.
  subscript(place: Int) -> Int { place * available / count }
}

/// Rows of samples as they go through a network: inputs [rows, features], targets [rows, columns], outputs
/// [rows, units].
struct PassedRows {
  let inputs: Matrix
  let targets: Matrix
  let outputs: Matrix
}

extension ModelOnData {
  /// Takes samples through the network, in their order, block by block; `body` gets the places of a block among
  /// `chosen`, and its rows. The rows do not depend on the threads.
  func pass(
    _ chosen: EvenChoice, threads: Int, precision: Precision,
    _ body: (_ places: Range<Int>, _ rows: PassedRows) -> Void
  ) throws(RunError) {
    let predictor = try restored.predictor(averaged: isAveraged, threads: threads, precision: precision)
    let (width, columns, units) = (data.features, data.task.targetColumns, predictor.network.outputs)
    let block = min(chosen.count, Predictor.chunk * 4 * threads)
    let sizes = [block * width, block * columns, block * units].map { Arena.aligned($0) }
    guard let memory = Arena(granted: sizes.reduce(0, +)) else {
      throw .failed("the system does not grant the memory of \(block) rows at present: take fewer --threads")
    }
    for start in stride(from: 0, to: chosen.count, by: block) {
      let places = start..<min(start + block, chosen.count)
      let rows = PassedRows(
        inputs: memory.matrix(at: 0, rows: places.count, columns: width),
        targets: memory.matrix(at: sizes[0], rows: places.count, columns: columns),
        outputs: memory.matrix(at: sizes[0] + sizes[1], rows: places.count, columns: units))
      let data = data
      do throws(DatasetError) {
        try predictor.predict(into: rows.outputs) { part, input throws(DatasetError) in
          let samples = part.map { chosen[start + $0] }
          try data.fill(samples.span, features: input, targets: rows.targets.rows(part))
          rows.inputs.rows(part).elements.copy(from: input.elements)
        }
      } catch { throw .input("\(error)") }
      withFloatingPointEnvironment { body(places, rows) }
    }
  }
}
