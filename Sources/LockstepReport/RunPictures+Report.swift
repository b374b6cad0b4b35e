import LockstepFormats
import LockstepModel
import LockstepResults
import LockstepRuns
import LockstepStudies

// Filters, feature maps and mistakes.
extension RunPictures {
  private static let (mostFilters, mostMaps) = (64, 16)
  /// Sides of pictures on the page, in CSS's pixels.
  private static let (small, large) = (64, 96)

  /// - Parameter step: of the checkpoint.
  func section(step: Int) -> HTML {
    let weights = isAveraged ? "the average of the weights in the checkpoint" : "the checkpoint"
    let shades = Shades(
      ofPictures: (maps.map(\.sample) + (mistakes?.shown ?? []).map(\.sample)).lazy.flatMap { $0.pixels })
    let note = "By \(weights) of step \(Format.count(step)). \(words(on: shades))"
    var content = [Page.paragraph(note, quiet: true)]
    if let filters { content.append(picture(of: filters)) }
    if let layer, !maps.isEmpty {
      content.append(Page.paragraph(words(on: layer), quiet: true))
      content.append(Page.grid(pictures(of: layer.shape, shades), minimum: 330))
    }
    if let mistakes {
      content.append(Page.paragraph(words(on: mistakes), quiet: true))
      if !mistakes.shown.isEmpty {
        content.append(Page.grid(mistakes.shown.map { picture(of: $0, shades) }, minimum: 130))
      }
    }
    return Page.section("Pictures", content)
  }

  // MARK: Filters

  private func picture(of filters: Filters) -> HTML {
    let (count, sides) = (filters.shape.columns, filters.shape.dimensions)
    var channels = 1
    if case .filters(_, _, let read, _) = filters.shape { channels = read }
    let what =
      "\(filters.layer): \(Format.count(count)) \(Format.plural(count, "filter")) of \(sides[0]) × \(sides[1])"
    guard channels == 1 || channels == 3 else {
      return Page.paragraph("\(what) on \(channels) channels, which no picture shows.", quiet: true)
    }
    let images = (0..<min(count, Self.mostFilters)).map { index in
      let values = stride(from: index, to: filters.values.count, by: count).map { filters.values[$0] }
      let shades = Shades(values)
      return PixelPicture(values, height: sides[0], width: sides[1], channels: channels, shades).html(
        side: Self.small,
        "filter \(index) of \(filters.layer), from \(Self.number(shades.low)) to \(Self.number(shades.high))")
    }
    let scale =
      channels == 3
      ? "on three channels, which are its red, green and blue, from the least weight of all three to the largest"
      : "each from its least weight (black) to its largest (white)"
    return Page.figure(
      Self.row(images),
      caption: "\(what), \(scale)\(count > Self.mostFilters ? "; the first \(Self.mostFilters)" : "")")
  }

  // MARK: Feature maps

  private func words(on layer: (path: String, shape: Shape)) -> String {
    let (count, shown) = (layer.shape.channels, min(layer.shape.channels, Self.mostMaps))
    let channels =
      shown < count
      ? "the first \(shown) of \(Format.count(count)) channels" : "\(count) \(Format.plural(count, "channel"))"
    return
      "What \(layer.path) makes of \(maps.count) \(kind) \(Format.plural(maps.count, "sample")): \(channels), each from its least number in them (black) to its largest (white); grey where it has but one."
  }

  /// A sample beside the channels of its image, sample by sample.
  private func pictures(of shape: Shape, _ samples: Shades) -> [HTML] {
    guard case .image(let height, let width, let channels) = shape else { return [] }
    func channel(_ index: Int, of map: FeatureMaps) -> [Float] {
      stride(from: index, to: map.values.count, by: channels).map { map.values[$0] }
    }
    let shown = 0..<min(channels, Self.mostMaps)
    let shades = shown.map { index in Shades(maps.lazy.flatMap { channel(index, of: $0) }) }
    return maps.map { map in
      let name = name(of: map.sample)
      let images = shown.map { index in
        PixelPicture(channel(index, of: map), height: height, width: width, channels: 1, shades[index]).html(
          side: Self.small, "channel \(index), \(name)")
      }
      let sample = picture(of: map.sample, name, samples)
      return Page.figure(.element("div", [("class", "beside")], [sample, Self.row(images)]), caption: name)
    }
  }

  // MARK: Mistakes

  private func words(on mistakes: Mistakes) -> String {
    let samples = "\(Format.count(mistakes.classified)) validation \(Format.plural(mistakes.classified, "sample"))"
    let choice =
      mistakes.classified < mistakes.samples
      ? ", evenly apart among the \(Format.count(mistakes.samples)) that there are," : ""
    if mistakes.count == 0 { return "None of \(samples)\(choice) is taken for another class." }
    let shown = mistakes.shown.count < mistakes.count ? ", and \(mistakes.shown.count) are shown" : ""
    return
      "\(Format.count(mistakes.count)) of \(samples)\(choice) \(mistakes.count == 1 ? "is" : "are") taken for another class. Above each stands its class, what it is taken for, and the probability that the network gives that; the surest comes first\(shown)."
  }

  private func picture(of mistake: Mistake, _ shades: Shades) -> HTML {
    let (sample, probability) = (mistake.sample, Self.number(mistake.probability))
    // A file of a folder has its class in front.
    let label = sample.name.map { Display.plain($0) } ?? sample.label ?? ""
    return Page.figure(
      picture(of: sample, "\(name(of: sample)), taken for \(mistake.predicted)", shades),
      caption: "\(label), taken for \(mistake.predicted): \(probability)")
  }

  // MARK: Samples

  private var kind: String { areOfValidation ? "validation" : "training" }

  private func name(of sample: Sample) -> String {
    let name = sample.name.map { ", \(Display.plain($0))" } ?? ""
    return "\(kind) sample \(Format.count(sample.number))\(name)\(sample.label.map { ", class \($0)" } ?? "")"
  }

  private func words(on shades: Shades) -> String {
    if let problem { return "What needs the data of the run is left out: \(problem)" }
    if maps.isEmpty && mistakes?.shown.isEmpty != false { return "" }
    let others = shape.channels == 1 || shape.channels == 3 ? "," : ", the first of their \(shape.channels) channels,"
    let sides = shape.sides.prefix(2).max() ?? 0
    let size = sides > PixelPicture.mostPixels ? ", scaled to \(PixelPicture.mostPixels) pixels" : ""
    return
      "Samples are shown as they are before they are standardised\(others) from \(Self.number(shades.low)) (black) to \(Self.number(shades.high)) (white)\(size)."
  }

  private func picture(of sample: Sample, _ words: String, _ shades: Shades) -> HTML {
    guard case .image(let height, let width, let channels) = shape else { return HTML(markup: "") }
    return PixelPicture(sample.pixels, height: height, width: width, channels: channels, shades).html(
      side: Self.large, words)
  }

  private static func row(_ images: [HTML]) -> HTML { .element("div", [("class", "pictures")], images) }
  private static func number(_ value: Float) -> String { Format.significant(Double(value), 3) }
}
