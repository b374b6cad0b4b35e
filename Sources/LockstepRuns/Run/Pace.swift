import LockstepKernels

/// Measures how fast a run trains: by the steps after the first five of this process, and whatever runs beside them,
/// without evaluation and start-up.
struct Pace {
  private static let warmUp = 5

  private let start = MonotonicClock.seconds()
  private var steps = 0
  private var samples = 0
  private var allSamples = 0
  private var seconds = 0.0
  private var running: Double?

  /// Seconds of the last evaluation and of the last save; nil before the first.
  private(set) var evaluationSeconds: Double?
  private(set) var saveSeconds: Double?
  private var saving: Double?

  mutating func evaluated(in seconds: Double) { evaluationSeconds = seconds }

  mutating func beginSave() { saving = MonotonicClock.seconds() }

  /// The checkpoint whose save was begun is on the device.
  mutating func endSave() {
    if let saving { saveSeconds = MonotonicClock.seconds() - saving }
    saving = nil
  }

  /// Seconds since the run began in this process.
  var elapsed: Double { MonotonicClock.seconds() - start }

  /// Training goes on.
  mutating func resume() {
    if running == nil { running = MonotonicClock.seconds() }
  }

  /// Something begins whose time does not count.
  mutating func pause() {
    guard let from = running else { return }
    if steps >= Pace.warmUp { seconds += MonotonicClock.seconds() - from }
    running = nil
  }

  /// A step of `rows` samples is done.
  mutating func count(rows: Int) {
    steps += 1
    allSamples += rows
    if steps > Pace.warmUp {
      samples += rows
    } else {
      running = MonotonicClock.seconds()
    }
  }

  /// Training samples a second over all that this process has done since the run began in it: start-up, evaluations and
  /// saves included.
  var overallSamplesPerSecond: Double? { allSamples > 0 ? Double(allSamples) / elapsed : nil }

  /// nil until the sixth step is done.
  var samplesPerSecond: Double? {
    let time = seconds + (steps >= Pace.warmUp ? running.map { MonotonicClock.seconds() - $0 } ?? 0 : 0)
    return samples > 0 && time > 0 ? Double(samples) / time : nil
  }
}
