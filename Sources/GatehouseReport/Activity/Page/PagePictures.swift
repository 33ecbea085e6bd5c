import GatehouseJournal
import GatehousePolicy

// The pictures of the page, each with its numbers as a table.

extension ActivityPage {
  // MARK: - Over time

  func writePeriods(_ page: inout HTMLWriter) {
    let outcomes = report.tally.byPeriod
    let names = report.periodNames
    let series: [(name: String, outcome: LoggedDecision.Outcome, style: String)] = [
      ("Let in", .allow, "f-in"), ("Refused", .deny, "f-bad"),
      ("Would be refused", .wouldDeny, "f-maybe"), ("Not checked", .ignore, "f-in"),
      ("Without a policy", .noPolicy, "f-bad"),
    ].filter { one in one.1 == .allow || outcomes.contains { $0[one.1] > 0 } }
    for one in series {
      let values = outcomes.map { $0[one.outcome] }
      let most = values.max() ?? 0
      page.element("figure") { page in
        page.element("figcaption") { page in
          page.element("span", text: one.name)
          page.element("span", text: "at most \(grouped(most))")
        }
        writeBars(
          values, names, one.style, small: false,
          label:
            "\(one.name): \(grouped(values.reduce(0, +))), at most \(grouped(most)) at a time; "
            + "the table below has the numbers", to: &page)
      }
    }
    page.element("div", [.style("axis")]) { page in
      page.element("span", text: names[0])
      if names.count > 4 {
        page.element("span", text: names[names.count / 2])
      }
      page.element("span", text: report.until.localMinute)
    }
    page.element("details", [.style("more")]) { page in
      page.element("summary", text: "As a table")
      var table = PageTable(
        "Logins over time", [.init("From", .time)] + series.map { .number($0.name) })
      table.isTall = true
      table.write(Array(zip(names, outcomes)), to: &page) { name, outcomes in
        [.text(name)] + series.map { .number(outcomes[$0.outcome]) }
      }
    }
  }

  /// Writes bars, each as high as its part of the highest one.
  private func writeBars(
    _ values: [Int], _ names: [String], _ style: String, small: Bool, label: String,
    to page: inout HTMLWriter
  ) {
    let most = max(1, values.max() ?? 0)
    page.element(
      "svg",
      [
        .init("viewBox", "0 0 \(values.count * 10) 100"), .init("preserveAspectRatio", "none"),
        .init("role", "img"), .init("aria-label", label),
      ] + (small ? [.style("small")] : [])
    ) { page in
      for (index, value) in values.enumerated() {
        // What is there at all can be seen.
        let height = value == 0 ? 0 : max(2, value * 100 / most)
        if height > 0 {
          page.element(
            "rect",
            [
              .style(style), .init("x", "\(index * 10 + 1)"), .init("y", "\(100 - height)"),
              .init("width", "8"), .init("height", "\(height)"),
            ]
          ) { _ in }
        }
        guard !small else { continue }
        page.element(
          "rect",
          [
            .style("f-hit"), .init("x", "\(index * 10)"), .init("y", "0"), .init("width", "10"),
            .init("height", "100"),
          ]
        ) { $0.element("title", text: "\(names[index]): \(grouped(value))") }
      }
    }
  }

  // MARK: - Services

  func writeServices(_ page: inout HTMLWriter) {
    let services = report.busiestServices
    guard !services.isEmpty else {
      return page.element("p", [.style("soft")], text: "Nobody logged in.")
    }
    let table = PageTable(
      "Services",
      [
        .init("Service"), .number("Let in"), .number("Refused"), .number("Would be refused"),
        .number("Not checked"), .number("Without a policy"), .init("Over time", isWide: true),
      ])
    table.write(services, to: &page) { service in
      [
        .text(service.name), .number(service.total[.allow]), .number(service.total[.deny]),
        .number(service.total[.wouldDeny]), .number(service.total[.ignore]),
        .number(service.total[.noPolicy]),
        .other("\(service.total.total)") { page in
          writeBars(
            service.byPeriod.map(\.total), [], "f-in", small: true,
            label:
              "\(PageTable.cut(service.name)): \(grouped(service.total.total)) logins over time",
            to: &page)
        },
      ]
    }
  }

  // MARK: - Users by networks

  /// How many users and networks the map has at most.
  private static let mostUsers = 30
  private static let mostNetworks = 12

  func writeHeatMap(_ page: inout HTMLWriter) {
    let map = HeatMap(report, users: Self.mostUsers, networks: Self.mostNetworks)
    guard !map.users.isEmpty else {
      return page.element("p", [.style("soft")], text: "Nobody logged in.")
    }
    page.element(
      "p", [.style("soft")],
      text: "How often the busiest users were let in from where; the more often, the more colour.")
    page.element(
      "div",
      [
        .style("scroll"), .init("tabindex", "0"), .init("role", "region"),
        .init("aria-label", "Users and networks"),
      ]
    ) { page in
      page.element("table", [.style("heat")]) { page in
        page.element("thead") { page in
          page.element("tr") { page in
            page.element("th", [.init("scope", "col")], text: "User")
            for network in map.networks {
              page.element("th", [.init("scope", "col")]) {
                $0.element("bdi", text: PageTable.cut(network, to: 40))
              }
            }
          }
        }
        page.element("tbody") { page in
          for (index, user) in map.users.enumerated() {
            page.element("tr") { page in
              page.element("th", [.init("scope", "row")]) {
                $0.element("bdi", text: PageTable.cut(user, to: 40))
              }
              for cell in map.cells[index] { write(cell, most: map.most, to: &page) }
            }
          }
        }
      }
    }
    if map.otherUsers > 0 {
      page.element(
        "p", [.style("soft")], text: "\(grouped(map.otherUsers)) more users are not in this map.")
    }
  }

  private func write(_ cell: HeatMap.Cell, most: Int, to page: inout HTMLWriter) {
    // Five shades, each for ten times as many or so.
    var level = 0
    if cell.allowed > 0 {
      var rest = most
      level = 5
      while level > 1, cell.allowed * 3 <= rest {
        rest /= 3
        level -= 1
      }
    }
    page.element("td", level > 0 ? [.style("h\(level)")] : []) { page in
      if cell.allowed > 0 { page.text(grouped(cell.allowed)) }
      if cell.refused > 0 {
        page.element(
          "span", [.style("bad")],
          text: "\(cell.allowed > 0 ? " " : "")\(grouped(cell.refused)) refused")
      }
    }
  }
}

/// How often users came from networks.
struct HeatMap {
  struct Cell {
    var allowed = 0
    var refused = 0
  }

  private(set) var users: [String] = []
  private(set) var networks: [String] = []
  /// A row for each user, with a cell for each network.
  private(set) var cells: [[Cell]] = []
  /// How many users are left out.
  private(set) var otherUsers = 0

  /// The most logins of a cell.
  var most: Int { cells.joined().map(\.allowed).max() ?? 0 }

  init(_ report: ActivityReport, users mostUsers: Int, networks mostNetworks: Int) {
    let byUser = Dictionary(grouping: report.tally.groups, by: \.newest.user)
    let order = byUser.mapValues { $0.reduce(0) { $0 + $1.count } }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    otherUsers = max(0, order.count - mostUsers)
    let shown = order.prefix(mostUsers)
    let groups = shown.flatMap { byUser[$0] ?? [] }
    let addresses = Set(
      groups.compactMap { group in
        if case .address(let address) = group.newest.origin { address } else { nil }
      })
    let names =
      report.machine?.policy?.networks(holding: addresses, at: report.until).mapValues(
        \.description) ?? [:]
    func network(_ origin: Origin) -> String {
      guard case .address(let address) = origin else { return origin.description }
      return names[address]
        ?? AddressPrefix(of: address, length: address.family == .ipv4 ? 24 : 64).description
    }
    var counts: [String: Int] = [:]
    for group in groups { counts[network(group.newest.origin), default: 0] += group.count }
    let all = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    networks = Array(all.prefix(mostNetworks)) + (all.count > mostNetworks ? ["elsewhere"] : [])
    users = shown.map(\.description)
    cells = shown.map { user in
      var row = networks.map { _ in Cell() }
      for group in byUser[user] ?? [] {
        let column =
          all.prefix(mostNetworks).firstIndex(of: network(group.newest.origin)) ?? row.count - 1
        if group.newest.outcome == .deny {
          row[column].refused += group.count
        } else {
          row[column].allowed += group.count
        }
      }
      return row
    }
  }
}
