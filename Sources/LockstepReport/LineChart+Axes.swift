extension LineChart {
  /// Of the horizontal axis; names that would touch are shortened, and stand upright where that is not enough.
  func ticks(_ room: Double) -> (labels: [(place: Double, label: String)], isUpright: Bool) {
    guard case .named(let names) = x.spacing else { return (x.ticks, false) }
    let most = Int(room / Double(max(1, names.count)) / Self.character) - 1
    let isUpright = names.contains { $0.count > most }
    let labels = isUpright ? ShortNames.of(names, most: 18) : names
    return (zip(x.ticks, labels).map { ($0.place, $1) }, isUpright)
  }

  func axes(_ ticks: (labels: [(place: Double, label: String)], isUpright: Bool), _ plot: Plot) -> [HTML] {
    let rows = y.ticks.flatMap { tick in
      [
        Plot.line("gridline", (0, up(tick.place)), (1, up(tick.place))),
        Plot.text(tick.label, 0, up(tick.place) + 4, "end", beside: -8),
      ]
    }
    let columns = ticks.labels.map { tick in
      if ticks.isUpright { return upright(tick.label, tick.place) }
      // The last number would stand out of the picture.
      let room = (1 - tick.place) * plot.narrowest + plot.right - 1
      let isCut = Double(tick.label.count) * Self.character / 2 + 2 > room
      return Plot.text(
        tick.label, tick.place, Self.height + 18, isCut ? "end" : "middle", beside: isCut ? room : 0)
    }
    return rows + columns + [
      Plot.line("axis", (0, Self.height), (1, Self.height)),
      Plot.text(xTitle, 1, Self.height + plot.bottom - 6, "end"),
    ] + (yTitle.isEmpty ? [] : [Plot.text(yTitle, 0, -10, "start", beside: 4 - left)])
  }

  /// A name from below upwards, in a frame of its own that its place moves.
  private func upright(_ text: String, _ share: Double) -> HTML {
    .element(
      "svg", [("x", percent(share)), ("y", coordinate(Self.height + 8)), ("overflow", "visible")],
      [.element("text", [("text-anchor", "end"), ("transform", "rotate(-90)"), ("y", "4")], text: text)])
  }

  /// Events, each with its name beside it: at the top, or at the bottom where a line passes there, on the side that has
  /// room; without where neither has.
  func marks(_ width: Double) -> [HTML] {
    let places = events.compactMap { event in
      x.place(event.x).map { (event: event, share: $0, at: $0 * width) }
    }.sorted { $0.at < $1.at }
    var taken: [ClosedRange<Double>] = []
    return places.flatMap { event, share, at -> [HTML] in
      let dashed = Plot.line(event.isBad ? "event bad" : "event", (share, Self.height), (share, 0))
      let wide = Double(event.name.count) * Self.character + 8
      let rooms = [at...at + wide, at - wide...at].filter { room in
        room.lowerBound >= 0 && room.upperBound <= width + Self.right && !taken.contains { $0.overlaps(room) }
          && !places.contains { $0.at != at && room.contains($0.at) }
      }
      let spots = rooms.map { (room: $0, y: 12.0) } + rooms.map { (room: $0, y: Self.height - 8) }
      let free = spots.first { spot in
        let shares = spot.room.lowerBound / width...spot.room.upperBound / width
        return !series.contains { passes($0, shares, spot.y - 12...spot.y + 4) }
      }
      guard let (room, y) = free ?? spots.first else { return [dashed] }
      taken.append(room)
      let isBefore = room.upperBound == at
      return [
        dashed, Plot.text(event.name, share, y, isBefore ? "end" : "start", beside: isBefore ? -4 : 4, kind: "beside"),
      ]
    }
  }

  /// Whether a series is drawn anywhere in a rectangle.
  private func passes(_ series: Series, _ shares: ClosedRange<Double>, _ heights: ClosedRange<Double>) -> Bool {
    var before: (share: Double, y: Double)?
    for point in series.points {
      let end = place(point)
      defer { before = end }
      guard let end else { continue }
      let start = series.style == .points ? end : before ?? end
      let low = max(shares.lowerBound, min(start.share, end.share))
      let high = min(shares.upperBound, max(start.share, end.share))
      if low > high { continue }
      // A line that stands upright passes all its heights.
      let ends =
        end.share == start.share
        ? [start.y, end.y]
        : [low, high].map { start.y + (end.y - start.y) * ($0 - start.share) / (end.share - start.share) }
      if let first = ends.min(), let last = ends.max(), first <= heights.upperBound, heights.lowerBound <= last {
        return true
      }
    }
    return false
  }
}
