import Libc
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

extension TrainedModel {
  /// Predicts every sample of `source` and writes a row for each, in their order, to the file `path`, which appears
  /// once it is complete.
  ///
  /// Only the features are used; a table may also hold its target, and other columns. Samples pass through in blocks,
  /// so that neither file is ever in memory as a whole. The bytes do not depend on the threads.
  ///
  /// - Parameters:
  ///   - path: the file to write; `-` is standard output, where a reader that goes away ends predicting without an
  ///     error.
  ///   - options: which columns to write.
  ///   - stop: a signal that it is given ends predicting with an error, before the next block or while waiting for
  ///     standard input; the file `path` is then as it was before.
  /// - Throws: `RunError` where the source cannot be read or does not have the model's features, or the file cannot be
  ///   written.
  @discardableResult
  public func predict(
    _ source: FileSource, to path: String, as format: PredictionFormat,
    _ options: PredictionOptions = PredictionOptions(), stop: StopRequest? = nil
  ) throws(RunError) -> PredictionReceipt {
    let content = try PredictionContent(preprocessing, options.columns)
    if format == .npy { try Self.checkArray(options) }
    var stream = try stream(source, keeping: options.kept, stop)
    try content.checkTitles(besides: stream.kept)
    var writer: PredictionWriter
    do throws(FileError) { writer = try PredictionWriter(path, format, content, besides: stream.kept) } catch {
      throw RunError(failed: error)
    }
    let (units, inputs, block) = (
      predictor.network.outputs, preprocessing.features, Predictor.chunk * 4 * predictor.threads
    )
    guard let memory = Arena(granted: block * inputs + 2 * Arena.aligned(block * units)) else {
      throw .failed("\(path): the system does not grant the memory of \(block) rows at present: take fewer --threads")
    }
    var samples = 0
    while true {
      if let signal = stop?.signal { throw .failed("stopped by signal \(signal)") }
      let count = try stream.next(into: memory.matrix(at: 0, rows: block, columns: inputs))
      if count == 0 { break }
      let output = memory.matrix(at: block * inputs, rows: count, columns: units)
      let concluded = memory.matrix(
        at: block * inputs + Arena.aligned(block * units), rows: count, columns: units)
      predictor.predict(memory.matrix(at: 0, rows: count, columns: inputs), into: output)
      if content.needsConclusion {
        concluded.elements.copy(from: output.elements)
        conclude(concluded)
      }
      samples += count
      do throws(FileError) { try writer.write(output, concluded, besides: stream.copied) } catch {
        guard path == PredictionFormat.standardOutput, error.code == EPIPE else { throw RunError(failed: error) }
        return PredictionReceipt(samples: samples, gaps: stream.gaps, isCutShort: true)
      }
    }
    do throws(FileError) { try writer.commit() } catch { throw RunError(failed: error) }
    return PredictionReceipt(samples: samples, gaps: stream.gaps, isCutShort: false)
  }

  private func stream(
    _ source: FileSource, keeping kept: [String], _ stop: StopRequest?
  ) throws(RunError) -> any SampleStream {
    try asInput { () throws(DataFileError) in
      if case .csv(let table) = source {
        let isStopped = stop.map { stop in { @Sendable in stop.signal != nil } }
        return try TableSampleStream(table, preprocessing, keeping: kept, isStopped: isStopped)
      }
      guard kept.isEmpty else {
        throw DataFileError(
          source.files[0].path, place: "--keep", found: "arrays", expected: "a table of text, csv: {…}")
      }
      return ArraySampleStream(
        try FileData.samples(of: source.withoutTargets, preprocessing, withTargets: false))
    }
  }

  /// Throws where elements of an array would be of several types.
  private static func checkArray(_ options: PredictionOptions) throws(RunError) {
    let option = options.kept.isEmpty ? options.columns == .both ? "--both" : nil : "--keep"
    guard let option else { return }
    throw .input("\(option): found a .npy file to write, whose elements are all of one type, expected a .csv file")
  }
}
