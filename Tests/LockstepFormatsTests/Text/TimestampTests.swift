import Foundation
import Testing

@testable import LockstepFormats

@Suite struct TimestampTests {
  /// Against Foundation: leap years, ends of years, before 1970, after 2038.
  @Test func isRFC3339() {
    let formatter = ISO8601DateFormatter()
    for seconds in [0, -1, 951_782_400, 1_709_164_799, 1_735_689_599, 1_735_689_600, 4_102_444_800, 2_147_483_648.9] {
      #expect(Timestamp.text(seconds) == formatter.string(from: Date(timeIntervalSince1970: seconds.rounded(.down))))
    }
    #expect(Timestamp.text(1_795_902_840) == "2026-11-28T21:54:00Z")
  }
}
