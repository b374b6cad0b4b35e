import LockstepKernels
import LockstepModel
import LockstepTraining

extension TrainedModel {
  /// Predicts every sample of `source`, in its order, and writes a row each to the file `path`.
  ///
  /// The features alone are looked at; a table may hold its target, and other columns, too. Samples pass through in blocks: neither side is ever in memory as a
  /// whole, and the bytes do not depend on the threads.
  ///
  /// - Parameter probabilities: a column a class instead of the class.
  /// - Returns: the number of samples.
  @discardableResult
  public func predict(
    _ source: FileSource, to path: String, as format: PredictionFormat, probabilities: Bool = false
  ) throws(RunError) -> Int {
    var stream: any SampleStream
    if case .csv(let table) = source {
      stream = try asInput { () throws(DataFileError) in try TableSampleStream(table, preprocessing) }
    } else {
      stream = ArraySampleStream(
        try asInput { () throws(DataFileError) in
          try FileData.samples(of: source.withoutTargets, preprocessing, withTargets: false)
        })
    }
    let content = try content(probabilities)
    var writer: PredictionWriter
    do throws(FileError) { writer = try PredictionWriter(path, format, content) } catch {
      throw RunError(failed: error)
    }
    let (units, inputs, block) = (
      predictor.network.outputs, preprocessing.features, Predictor.chunk * 4 * predictor.threads
    )
    // Two columns of probabilities come of one logit.
    let columns = probabilities && preprocessing.kind == .classes ? max(2, units) : units
    let memory = Arena(count: block * inputs + Arena.aligned(block * units) + block * columns)
    let outputs = memory.all[block * inputs..<memory.count]
    var samples = 0
    while true {
      let count = try stream.next(into: memory.matrix(at: 0, rows: block, columns: inputs))
      if count == 0 { break }
      let output = outputs.matrix(at: 0, rows: count, columns: units)
      predictor.predict(memory.matrix(at: 0, rows: count, columns: inputs), into: output)
      if case .numbers = preprocessing.targets { conclude(output) }
      let rows =
        probabilities
        ? spread(output, into: outputs.matrix(at: Arena.aligned(block * units), rows: count, columns: columns)) : output
      do throws(FileError) { try writer.write(rows) } catch { throw RunError(failed: error) }
      samples += count
    }
    do throws(FileError) { try writer.commit() } catch { throw RunError(failed: error) }
    return samples
  }

  private func content(_ probabilities: Bool) throws(RunError) -> PredictionWriter.Content {
    switch preprocessing.targets {
    case .classes(let names): return probabilities ? .probabilities(names) : .classes(names)
    case .labels(let count):
      let names = preprocessing.targetNames
      let titles = names.count == count ? names : (0..<count).map { "label_\($0)" }
      return probabilities ? .numbers(titles) : .labels(titles)
    case .numbers(let count):
      if probabilities { throw .input("--probabilities: the model predicts numbers, not classes") }
      let names = preprocessing.targetNames
      return .numbers(
        names.count == count ? names : count == 1 ? ["prediction"] : (0..<count).map { "prediction_\($0)" })
    }
  }

  /// Probabilities of all classes.
  private func spread(_ output: Matrix, into all: Matrix) -> Matrix {
    conclude(output)
    if output.columns == all.columns { return output }
    for row in 0..<output.rows { (all[row, 0], all[row, 1]) = (1 - output[row, 0], output[row, 0]) }
    return all
  }
}
