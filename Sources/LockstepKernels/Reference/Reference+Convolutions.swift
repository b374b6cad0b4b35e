/// Convolutions and pooling of images, channels last. Shapes: x [images, image height, image width, channels], y
/// [images, output height, output width, filters], W [kernel height, kernel width, channels, filters].
extension Reference {
  /// y[n, r, c, f] = b[f] + Σ over i, j, k of x[n, r · stride + i · dilation − padding, …, k] W[i, j, k, f]
  package static func convolution(
    _ x: [Double], weight: [Double], bias: [Double], images: Int, shape: ConvolutionShape
  ) -> [Double] {
    var y = (0..<images * shape.output.count).flatMap { _ in bias }
    shape.eachTap(images: images) { position, place, pixel in
      for channel in 0..<shape.channels {
        for filter in 0..<shape.filters {
          y[position * shape.filters + filter] +=
            x[pixel * shape.channels + channel]
            * weight[(place * shape.channels + channel) * shape.filters + filter]
        }
      }
    }
    return y
  }

  /// The gradients of `convolution`, given dy.
  package static func convolutionBackward(
    _ x: [Double], weight: [Double], dy: [Double], images: Int, shape: ConvolutionShape
  ) -> (dx: [Double], weight: [Double]) {
    var (dx, dWeight) = ([Double](repeating: 0, count: x.count), [Double](repeating: 0, count: weight.count))
    shape.eachTap(images: images) { position, place, pixel in
      for channel in 0..<shape.channels {
        for filter in 0..<shape.filters {
          let (input, parameter) = (
            pixel * shape.channels + channel, (place * shape.channels + channel) * shape.filters + filter
          )
          dx[input] += dy[position * shape.filters + filter] * weight[parameter]
          dWeight[parameter] += dy[position * shape.filters + filter] * x[input]
        }
      }
    }
    return (dx, dWeight)
  }

  /// y[n, r, c, k] = b[k] + Σ over i, j of x[…, k] w[i, j, k]: a kernel a channel.
  package static func depthwiseConvolution(
    _ x: [Double], weight: [Double], bias: [Double], images: Int, shape: ConvolutionShape
  ) -> [Double] {
    let channels = shape.channels
    var y = (0..<images * shape.output.count).flatMap { _ in bias }
    shape.eachTap(images: images) { position, place, pixel in
      for k in 0..<channels { y[position * channels + k] += x[pixel * channels + k] * weight[place * channels + k] }
    }
    return y
  }

  /// The gradients of `depthwiseConvolution`, given dy.
  package static func depthwiseConvolutionBackward(
    _ x: [Double], weight: [Double], dy: [Double], images: Int, shape: ConvolutionShape
  ) -> (dx: [Double], weight: [Double]) {
    let channels = shape.channels
    var (dx, dWeight) = ([Double](repeating: 0, count: x.count), [Double](repeating: 0, count: weight.count))
    shape.eachTap(images: images) { position, place, pixel in
      for k in 0..<channels {
        dx[pixel * channels + k] += dy[position * channels + k] * weight[place * channels + k]
        dWeight[place * channels + k] += dy[position * channels + k] * x[pixel * channels + k]
      }
    }
    return (dx, dWeight)
  }

  /// The largest of every window.
  package static func maxPool(_ x: [Double], images: Int, shape: ConvolutionShape) -> [Double] {
    var y = [Double](repeating: -.infinity, count: images * shape.outputs)
    shape.eachTap(images: images) { position, _, pixel in
      for k in 0..<shape.channels {
        let value = x[pixel * shape.channels + k]
        if value > y[position * shape.channels + k] { y[position * shape.channels + k] = value }
      }
    }
    return y
  }

  /// The gradient of `maxPool`: all of a window's goes to the first of its largest.
  package static func maxPoolBackward(_ x: [Double], dy: [Double], images: Int, shape: ConvolutionShape) -> [Double] {
    let y = maxPool(x, images: images, shape: shape)
    var dx = [Double](repeating: 0, count: x.count)
    var isFound = [Bool](repeating: false, count: y.count)
    shape.eachTap(images: images) { position, _, pixel in
      for k in 0..<shape.channels {
        let (output, input) = (position * shape.channels + k, pixel * shape.channels + k)
        guard !isFound[output], x[input] == y[output] else { continue }
        dx[input] += dy[output]
        isFound[output] = true
      }
    }
    return dx
  }

  /// The mean of every window's pixels inside the image.
  package static func averagePool(_ x: [Double], images: Int, shape: ConvolutionShape) -> [Double] {
    let counts = windowCounts(images: images, shape: shape)
    var y = [Double](repeating: 0, count: images * shape.outputs)
    shape.eachTap(images: images) { position, _, pixel in
      for k in 0..<shape.channels {
        y[position * shape.channels + k] += x[pixel * shape.channels + k] / counts[position]
      }
    }
    return y
  }

  /// The gradient of `averagePool`.
  package static func averagePoolBackward(dy: [Double], images: Int, shape: ConvolutionShape) -> [Double] {
    let counts = windowCounts(images: images, shape: shape)
    var dx = [Double](repeating: 0, count: images * shape.inputs)
    shape.eachTap(images: images) { position, _, pixel in
      for k in 0..<shape.channels {
        dx[pixel * shape.channels + k] += dy[position * shape.channels + k] / counts[position]
      }
    }
    return dx
  }

  private static func windowCounts(images: Int, shape: ConvolutionShape) -> [Double] {
    var counts = [Double](repeating: 0, count: images * shape.output.count)
    shape.eachTap(images: images) { position, _, _ in counts[position] += 1 }
    return counts
  }
}

extension ConvolutionShape {
  /// Calls `body` for all output positions and places of the kernel where there is a pixel: numbers of the position
  /// and of the pixel among all images', and of the place, in the order of (position, kernel row, kernel column).
  fileprivate func eachTap(images: Int, _ body: (_ position: Int, _ place: Int, _ pixel: Int) -> Void) {
    for position in 0..<images * output.count {
      let (index, row, column) = (
        position / output.count, position % output.count / output.width, position % output.width
      )
      for place in 0..<kernel.count {
        let r = row * stride.height + place / kernel.width * dilation.height - padding.height
        let c = column * stride.width + place % kernel.width * dilation.width - padding.width
        guard r >= 0, r < image.height, c >= 0, c < image.width else { continue }
        body(position, place, index * image.count + r * image.width + c)
      }
    }
  }
}
