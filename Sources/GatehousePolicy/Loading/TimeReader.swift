// Reads `since`, `until` and `at`.

extension PolicyLoader {
  /// The time from `since` to `until`; a bad one is reported, and counts as none.
  mutating func window(since: Field?, until: Field?) -> TimeWindow {
    let start = since.flatMap { time($0, ofDay: Instant.init(startOf:)) }
    let end = until.flatMap { time($0, ofDay: Instant.init(endOf:)) }
    let window = TimeWindow(since: start ?? .distantPast, until: end ?? .distantFuture)
    if let start, let end, window.isEmpty, let until {
      log.error(
        .emptyWindow, until.value.location,
        "`until` (\(end)) is not after `since` (\(start)): the entry would never count",
        remedy: "are the two swapped?")
      return .always
    }
    return window
  }

  /// A full RFC 3339 time, or a day, of which `ofDay` says which moment is meant.
  private mutating func time(_ field: Field, ofDay: (CivilDate) -> Instant) -> Instant? {
    guard let scalar = decoder.scalar(field, what: "a date or a time") else { return nil }
    if let date = CivilDate(scalar.text) { return ofDay(date) }
    if let time = Instant(rfc3339: scalar.text) { return time }
    reportTime(field, scalar)
    return nil
  }

  /// A full RFC 3339 time.
  mutating func instant(_ field: Field) -> Instant? {
    guard let scalar = decoder.scalar(field, what: "a time") else { return nil }
    if let time = Instant(rfc3339: scalar.text) { return time }
    reportTime(field, scalar, dateIsAllowed: false)
    return nil
  }

  private mutating func reportTime(
    _ field: Field, _ scalar: Node.Scalar, dateIsAllowed: Bool = true
  ) {
    log.error(
      .badTime, field.value.location, "\(field.path): `\(scalar.name)` is no such time",
      remedy: dateIsAllowed
        ? "write a day of the calendar such as 2027-01-31, or a time such as 2027-01-31T18:00:00Z"
        : "write a time such as 2027-01-31T18:00:00Z")
  }
}
