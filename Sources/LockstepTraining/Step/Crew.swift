/// Who makes the next steps of a trainer: all its workers, or one thread alone while other processes hold the cores.
///
/// Workers that meet twenty times in a step of 30 µs lose a time slice of milliseconds whenever one of them has lost
/// its core; a thread alone waits for nobody. What all of them need is measured over windows of some steps. Where that
/// is far more than their fastest step, one window is tried alone; whoever was faster goes on, and the other is tried
/// again later, each time after a longer while. No bit depends on who makes a step.
struct Crew {
  /// Whether one thread makes the steps.
  private(set) var isAlone: Bool
  /// Whether the other crew is being tried, and what a sample has taken this one.
  private var rival: Double?
  private var window = Window()
  /// Seconds of steps until the other may be tried.
  private var patience: Double
  private var nextPatience = Crew.firstPatience
  /// Steps that are not measured: the first ones of a crew take its memory, and fill its caches.
  private var lead = Crew.leadingSteps

  init(isAlone: Bool = false) {
    self.isAlone = isAlone
    patience = isAlone ? Crew.firstPatience : 0
  }

  /// Seconds and steps of a window at least: some time slices of the system.
  static let windowSeconds = 0.05
  static let windowSteps = 8
  static let leadingSteps = 2
  /// Seconds; it doubles up to the longest.
  static let firstPatience = 1.0
  static let longestPatience = 8.0
  /// How much longer than its fastest a step of all workers takes, on average, where they have not the cores.
  static let slowdown = 1.5
  /// Of a step, in seconds: in a longer one, waiting for a worker that has lost its core is a small part.
  static let longestStep = 0.02

  /// The steps that are looked at together.
  private struct Window {
    var steps = 0
    var seconds = 0.0
    var samples = 0
    /// Seconds of a sample in the fastest step. The last batch of an epoch may be small.
    var fastest = Double.infinity

    var mean: Double { seconds / Double(samples) }
    var isFull: Bool { seconds >= Crew.windowSeconds && steps >= Crew.windowSteps }
    var isSlowed: Bool {
      mean > Crew.slowdown * fastest && seconds < Crew.longestStep * Double(steps)
    }
  }

  /// Takes in what a step has taken, and decides who makes the next.
  mutating func note(seconds: Double, samples: Int) {
    if lead > 0 {
      lead -= 1
      return
    }
    window.steps += 1
    window.seconds += seconds
    window.samples += samples
    window.fastest = min(window.fastest, seconds / Double(samples))
    guard window.isFull else { return }
    defer { window = Window() }
    if let rival {
      self.rival = nil
      if window.mean < rival {
        // Whoever has won is doubted as if it were the first time.
        nextPatience = Crew.firstPatience
        patience = isAlone ? nextPatience : 0
      } else {
        change()
        patience = nextPatience
        nextPatience = min(2 * nextPatience, Crew.longestPatience)
      }
      return
    }
    patience -= window.seconds
    if patience <= 0 && (isAlone || window.isSlowed) {
      rival = window.mean
      change()
    }
  }

  private mutating func change() {
    isAlone.toggle()
    lead = Crew.leadingSteps
  }
}
