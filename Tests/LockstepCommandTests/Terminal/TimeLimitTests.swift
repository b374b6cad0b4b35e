import Testing

@testable import LockstepCommand

@Suite("Times as people write them")
struct TimeLimitTests {
  @Test(arguments: [
    ("1", 1.0), ("3600", 3600), ("90s", 90), ("45m", 2700), ("2h", 7200), ("1h30m", 5400), ("1d12h", 129_600),
    ("1d1h1m1s", 90_061),
  ])
  func read(text: String, seconds: Double) { #expect(TimeLimit(argument: text)?.seconds == seconds) }

  @Test(arguments: ["10m", "1h30m", "1d1h1m1s", "59s"])
  func written(text: String) { #expect(TimeLimit(argument: text)?.defaultValueDescription == text) }

  @Test(arguments: [
    "", "0", "0h0m", "h", "2x", "1h30", "30m1h", "1h1h", "-1h", "1.5h", "1 h", "１h", "99999999999999999999s",
  ])
  func refused(text: String) { #expect(TimeLimit(argument: text) == nil) }
}
