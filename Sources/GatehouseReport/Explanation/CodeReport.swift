import GatehousePolicy

extension CodeReach {
  /// How it travels, and how long the place counts: `by mail to {user}@example.org, for 8 hours`.
  var inWords: String {
    let way =
      switch (self.way, place) {
      case (.mail, let place?): "by mail to \(place)"
      case (.mail, nil): "by mail to each user's address"
      case (.command, let place): "by \(place ?? "")"
      }
    return "\(way), for \(durationInWords(duration)), \(perDay) a day"
  }
}

extension CodeReach: JSONWritable {
  /// Writes an object of `way`, `to`, `for_seconds` and `per_day`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("way", way.rawValue)
      $0.member("to", place)
      $0.member("for_seconds", Int(duration.wholeSeconds))
      $0.member("per_day", perDay)
    }
  }
}

extension CodeOffer {
  /// What would be sent, as a sentence; the address is masked.
  var sentence: String {
    let way =
      switch self.way {
      case .mail(let address): "by mail to \(address.masked)"
      case .command(let path): "by \(displayText(of: path))"
      }
    return "A code would be sent \(way); it opens this address for \(durationInWords(duration))."
  }
}

extension CodeOffer: JSONWritable {
  /// Writes an object of `way`, `to`, `for_seconds` and `per_day`; the address is masked.
  func write(to writer: inout JSONWriter) {
    writer.object {
      switch way {
      case .mail(let address):
        $0.member("way", CodeReach.Way.mail.rawValue)
        $0.member("to", address.masked)
      case .command(let path):
        $0.member("way", CodeReach.Way.command.rawValue)
        $0.member("to", path)
      }
      $0.member("for_seconds", Int(duration.wholeSeconds))
      $0.member("per_day", perDay)
    }
  }
}
