/// How a picture comes to a height and width that are not its own.
public enum PictureFit: String, Sendable, CaseIterable {
  /// Scaled until it just covers them, the shorter side as it is wanted; of the longer side the middle is taken.
  case crop
  /// Each side scaled by itself, whatever becomes of its proportions.
  case scale

  /// The size that all of the picture is scaled to, and the part of it that is kept.
  func plan(_ source: (height: Int, width: Int), _ target: (height: Int, width: Int)) -> Plan {
    var scaled = target
    if self == .crop {
      // The longer side is rounded down, as torchvision's Resize does.
      if target.height * source.width >= target.width * source.height {
        scaled.width = target.height * source.width / source.height
      } else {
        scaled.height = target.width * source.height / source.width
      }
    }
    let (top, left) = (Self.half(scaled.height - target.height), Self.half(scaled.width - target.width))
    return Plan(
      height: scaled.height, width: scaled.width, rows: top..<top + target.height, columns: left..<left + target.width)
  }

  struct Plan: Equatable {
    var height, width: Int
    var rows, columns: Range<Int>
  }

  /// Half of a difference of at least 0, to the nearest, of two the even one: torchvision's CenterCrop.
  private static func half(_ difference: Int) -> Int { (difference + difference >> 1 & 1) >> 1 }
}
