import LockstepKernels

/// Pictures of a figure at a random place, of random turn, size and colour, crossed by two strokes and under noise: a
/// disc, a square, a triangle, a cross or a star, filled (classes 0 to 4) or outlined (5 to 9), or two to four of them,
/// ten further classes each. All figures have the same area. A colour may be light or dark, so that at every pixel the
/// mean of every class is 0.
///
/// Standardised numbers are divided by the root of their mean square, which follows from areas, perimeters and lengths.
enum Drawings {
  static let maximumClasses = DrawingKernel.figures * DrawingKernel.styles * DrawingKernel.counts

  private static let one: ClosedRange<Float> = 0.32...0.5
  private static let several: ClosedRange<Float> = 0.44...0.54
  private static let stroke: ClosedRange<Float> = 0.3...0.6
  /// Of figures of area 1.
  private static let perimeters = [3.5449, 4, 4.5590, 5.3666, 6.8572]

  /// The kernel that draws them.
  static func kernel(
    _ settings: SyntheticSpecification.Generator.PictureSettings, classes: Int, isStandardized: Bool
  ) -> DrawingKernel {
    let (height, width) = (settings.height, settings.width)
    let thickness = max(1.5, Double(min(height, width)) / 16)
    let covered = cover(classes: classes, height: height, width: width, thickness: thickness)
    let meanSquare = PictureFormat.meanSquareOfColour * covered / Double(height * width)
    return DrawingKernel(
      PictureFormat(settings, meanSquare: meanSquare, isStandardized: isStandardized),
      thickness: Float(thickness), one: one, several: several, stroke: stroke)
  }

  /// The mean over the classes of Σ cover² over the pixels. An edge covers over one pixel from 0 to 1, which takes 1/6
  /// of its length off an area, and leaves a line of some thickness 1/3 less of it.
  private static func cover(classes: Int, height: Int, width: Int, thickness: Double) -> Double {
    func moments(_ range: ClosedRange<Float>) -> (mean: Double, square: Double) {
      let (a, b) = (Double(range.lowerBound), Double(range.upperBound))
      return ((a + b) / 2, (a * a + a * b + b * b) / 3)
    }
    let side = Double(min(height, width))
    var sum = 0.0
    for label in 0..<classes {
      let perimeter = perimeters[label % perimeters.count]
      let figures = 1 + label / (DrawingKernel.figures * DrawingKernel.styles)
      let (size, cell) = figures == 1 ? (moments(one), side) : (moments(several), Double(min(height / 2, width / 2)))
      let isOutlined = label / DrawingKernel.figures % DrawingKernel.styles == 1
      let length = perimeter * size.mean * cell
      let each = isOutlined ? length * (thickness - 1.0 / 3) : size.square * cell * cell - length / 6
      sum += Double(figures) * each
    }
    // The ends of a stroke are round.
    let line = moments(stroke).mean * side * (thickness - 1.0 / 3)
    let ends = Double.pi * thickness * thickness / 4 - Double.pi * thickness / 6
    return sum / Double(classes) + Double(DrawingKernel.strokes) * (line + ends)
  }
}
