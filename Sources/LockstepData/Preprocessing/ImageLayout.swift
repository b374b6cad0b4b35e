import LockstepModel

/// How the numbers of a sample are an image: its size, and the order in which files hold them. Networks see channels
/// last, whatever the order in files.
///
/// ```
/// channels last     input (y · width + x) · channels + c, a position with all its channels after the other
/// channels first    number c · height · width + y · width + x, a channel with all its positions after the other
/// ```
public struct ImageLayout: Sendable, Equatable {
  /// Where files have an image's channels.
  public enum Order: String, Sendable, CaseIterable {
    /// [height, width, channels]
    case channelsLast = "channels_last"
    /// [channels, height, width]
    case channelsFirst = "channels_first"
  }

  /// Rows of pixels; it and the other two sizes are from 1 to 2²⁰.
  public var height: Int
  /// Pixels of a row.
  public var width: Int
  /// Numbers of a pixel.
  public var channels: Int
  /// That of arrays of three axes a sample, and of rows of numbers. Networks see channels last either way.
  public var order: Order

  /// No size is checked here; a configuration is, before its files are opened.
  public init(height: Int, width: Int, channels: Int, order: Order = .channelsLast) {
    (self.height, self.width, self.channels, self.order) = (height, width, channels, order)
  }

  /// What a network sees.
  public var shape: Shape { .image(height: height, width: width, channels: channels) }

  /// The most that a side, or the number of channels, may be: products of three fit 64 bits.
  package static let mostOfASize = 1 << 20

  /// Numbers in all.
  var count: Int { shape.count }

  /// How many channels files hold one behind the other; 1 where they hold an image as networks see it.
  var planes: Int { order == .channelsFirst ? channels : 1 }

  /// The input of the network that a file's number `place` of a sample becomes.
  func input(ofNumber place: Int) -> Int {
    let positions = count / planes
    return place % positions * planes + place / positions
  }

  /// The image that a sample of a data set is; nil where it is features.
  package init?(_ shape: Shape) {
    guard case .image(let height, let width, let channels) = shape else { return nil }
    self.init(height: height, width: width, channels: channels)
  }

  /// An image by the axes of an array behind that of the samples: [height, width] of one channel, or three in `order`.
  init?(axes: [Int], _ order: Order) {
    switch (axes.count, order) {
    case (2, _): self.init(height: axes[0], width: axes[1], channels: 1, order: order)
    case (3, .channelsLast): self.init(height: axes[0], width: axes[1], channels: axes[2], order: order)
    case (3, .channelsFirst): self.init(height: axes[1], width: axes[2], channels: axes[0], order: order)
    default: return nil
    }
  }
}
