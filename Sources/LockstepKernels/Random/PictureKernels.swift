internal import CKernels

// Synthetic pictures, a row of x each: [height, width, channels], channels last. Rows hold N(0, 1) before, the noise.
// Row r is made from `key.stream(samples[r])` alone, of words that its label does not take. Nothing allocates.

/// What a synthetic picture is.
package struct PictureFormat: Sendable, Equatable {
  /// The most rows and columns of pixels.
  package static let maximumSide = Int(LK_PICTURE_WIDTH)

  package let height: Int
  package let width: Int
  /// 1, grey, or 3.
  package let channels: Int
  /// What the N(0, 1) of every number are multiplied by.
  package let noise: Float
  /// What the picture is multiplied by.
  package let gain: Float

  package init(height: Int, width: Int, channels: Int, noise: Float, gain: Float) {
    precondition(height > 0 && height <= PictureFormat.maximumSide && width > 0 && width <= PictureFormat.maximumSide)
    precondition(channels == 1 || channels == 3)
    (self.height, self.width, self.channels) = (height, width, channels)
    (self.noise, self.gain) = (noise, gain)
  }

  /// The mean square of a channel of a colour: its magnitude is uniform in [1/2, 1), its sign either.
  package static let meanSquareOfColour = 7.0 / 12

  var inC: lk_canvas { lk_canvas(height: height, width: width, channels: channels, noise: noise, gain: gain) }

  func expect(_ samples: Span<Int>, _ labels: Matrix, _ x: Matrix) {
    precondition(x.rows == samples.count && x.columns == height * width * channels)
    precondition(labels.rows == samples.count && labels.columns == 1)
  }
}

/// What draws pictures by their labels.
package protocol PictureKernel: Sendable {
  /// Draws into rows that hold the noise.
  ///
  /// - Parameter labels: [rows, 1], class indices.
  func draw(_ samples: Span<Int>, key: RandomKey, labels: Matrix, into x: Matrix)
}

/// Gratings under gratings: at pixel (i, j) of a sample (1 + cos 2πp₁) cos 2πp₀ times a random colour, p random phases
/// plus a step in the directions of the label, turned by up to 1/64 of a turn, and of a random frequency.
package struct TextureKernel: PictureKernel {
  private let format: PictureFormat
  private let directions: Slots<UInt32>
  private let frequencies: (carrier: ClosedRange<Float>, envelope: ClosedRange<Float>)

  /// The variance that the pattern has without its colour: E (1 + cos)² · E cos².
  package static let variance = 3.0 / 4

  /// - Parameters:
  ///   - directions: of the carrier and of the envelope of every class, in turns 2⁻³².
  ///   - carrier: waves a pixel, below 1/2.
  ///   - envelope: likewise.
  package init(
    _ format: PictureFormat, directions: [(carrier: UInt32, envelope: UInt32)], carrier: ClosedRange<Float>,
    envelope: ClosedRange<Float>
  ) {
    precondition(carrier.lowerBound >= 0 && carrier.upperBound < 0.5 && !directions.isEmpty)
    precondition(envelope.lowerBound >= 0 && envelope.upperBound < 0.5)
    self.format = format
    self.directions = Slots(repeating: 0, count: 2 * directions.count)
    for (k, direction) in directions.enumerated() {
      self.directions[2 * k] = direction.carrier
      self.directions[2 * k + 1] = direction.envelope
    }
    frequencies = (carrier, envelope)
  }

  package func draw(_ samples: Span<Int>, key: RandomKey, labels: Matrix, into x: Matrix) {
    format.expect(samples, labels, x)
    let (carrier, envelope) = frequencies
    var texture = lk_texture(
      picture: format.inC, low: (carrier.lowerBound, envelope.lowerBound), range: (carrier.extent, envelope.extent),
      turns: UnsafePointer(directions.base))
    withPointers(samples, key) { lk_texture_rows(&texture, x.rows, $0, $1, labels.elements.base, x.elements.base) }
  }
}

/// Figures of the label, and two strokes that say nothing: CKernelsData.h has the formulas.
package struct DrawingKernel: PictureKernel {
  /// The figures, in the order of labels: disc, square, triangle, cross, star.
  package static let figures = Int(LK_FIGURES)
  /// Filled or outlined.
  package static let styles = Int(LK_FIGURE_STYLES)
  /// One to four of them.
  package static let counts = Int(LK_FIGURE_COUNTS)
  /// The strokes of a picture.
  package static let strokes = Int(LK_STROKES)

  private let format: PictureFormat
  private let thickness: Float
  private let one: ClosedRange<Float>
  private let several: ClosedRange<Float>
  private let stroke: ClosedRange<Float>

  /// - Parameters:
  ///   - thickness: of outlines and strokes, in pixels.
  ///   - one: the root of a figure's area, in shorter sides of the picture, where there is one.
  ///   - several: likewise of its quarter, where there are several.
  ///   - stroke: the length of a stroke in shorter sides of the picture.
  package init(
    _ format: PictureFormat, thickness: Float, one: ClosedRange<Float>, several: ClosedRange<Float>,
    stroke: ClosedRange<Float>
  ) {
    (self.format, self.thickness, self.one, self.several, self.stroke) = (format, thickness, one, several, stroke)
  }

  /// How far a figure of area 1 reaches from its middle.
  package static func reach(ofFigure figure: Int) -> Float {
    precondition(figure >= 0 && figure < figures)
    return lk_figure_reach(lk_figure(UInt32(figure)))
  }

  /// A label is figure + `figures` · (style + `styles` · (count − 1)).
  package func draw(_ samples: Span<Int>, key: RandomKey, labels: Matrix, into x: Matrix) {
    format.expect(samples, labels, x)
    var drawing = lk_drawing(
      picture: format.inC, thickness: thickness, low: (one.lowerBound, several.lowerBound),
      range: (one.extent, several.extent), stroke_low: stroke.lowerBound, stroke_range: stroke.extent)
    withPointers(samples, key) { lk_drawing_rows(&drawing, x.rows, $0, $1, labels.elements.base, x.elements.base) }
  }
}

extension ClosedRange<Float> {
  fileprivate var extent: Float { upperBound - lowerBound }
}
