import GatehouseControl
import GatehouseDoors
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy

extension ActivityReport {
  /// The report as one page of HTML that needs nothing else: no file, no network.
  ///
  /// All of it is written by `HTMLWriter`, so no text of a log can become a part of the page's language;
  /// its policy (Content-Security-Policy) allows the style and the script of the page and nothing else.
  /// Tables are bounded in rows and bytes, and say what they leave out.
  public func page() -> [UInt8] { ActivityPage(report: self).bytes }
}

/// A report as a page.
struct ActivityPage {
  let report: ActivityReport

  var bytes: [UInt8] {
    var page = HTMLWriter()
    page.constant("<!DOCTYPE html>\n")
    page.element("html", [.init("lang", "en")]) { page in
      page.element("head") { writeHead(&$0) }
      page.constant("\n")
      page.element("body") { page in
        page.element("a", [.style("skip"), .init("href", "#main")], text: "To the report")
        page.element("header") { writeHeader(&$0) }
        page.element("main", [.init("id", "main")]) { page in
          for section in sections {
            page.constant("\n")
            page.element("section", [.init("id", section.id)]) { page in
              page.element("h2", text: section.title)
              section.write(&page)
            }
          }
        }
        page.constant("\n")
        page.element("footer") { page in
          page.element(
            "p",
            text:
              "Made by gatehouse report at \(report.until.localMinute); times are this machine's."
          )
        }
        page.element("script") { $0.constant(Self.script) }
      }
    }
    page.constant("\n")
    return page.bytes
  }

  // MARK: - Head

  private func writeHead(_ page: inout HTMLWriter) {
    page.open("meta", [.init("charset", "utf-8")])
    page.open(
      "meta", [.init("http-equiv", "Content-Security-Policy"), .init("content", Self.policy)])
    page.open(
      "meta",
      [.init("name", "viewport"), .init("content", "width=device-width, initial-scale=1")])
    page.open("meta", [.init("name", "referrer"), .init("content", "no-referrer")])
    page.element("title", text: report.title)
    page.element("style") { $0.constant(Self.style) }
  }

  /// Nothing may be loaded or sent, and only this style and this script count.
  private static var policy: String {
    func hash(_ constant: StaticString) -> String {
      let digest = SHA256.digest(of: Array("\(constant)".utf8))
      return "'sha256-\(String(decoding: Base64.encode(digest), as: UTF8.self))='"
    }
    return "default-src 'none'; style-src \(hash(style)); script-src \(hash(script)); "
      + "base-uri 'none'; form-action 'none'"
  }

  private func writeHeader(_ page: inout HTMLWriter) {
    page.element("h1", text: report.machine.map { "Logins on \($0.name)" } ?? "Logins")
    page.element(
      "p", [.style("soft")],
      text: "\(report.since.localMinute) to \(report.until.localMinute)")
    page.element("dl", [.style("figures")]) { page in
      for figure in figures {
        page.element("div") { page in
          page.element("dt", text: figure.name)
          page.element("dd", [.style(figure.style)], text: grouped(figure.value))
        }
      }
    }
    page.element("nav", [.init("aria-label", "Parts of the report")]) { page in
      page.element("ul") { page in
        for section in sections {
          page.element("li") {
            $0.element("a", [.init("href", "#\(section.id)")], text: section.title)
          }
        }
      }
    }
  }

  private var figures: [(name: String, value: Int, style: String)] {
    let total = report.tally.total
    var figures = [
      ("let in", total[.allow], ""), ("refused", total[.deny], total[.deny] > 0 ? "bad" : ""),
    ]
    if total[.wouldDeny] > 0 {
      figures.append(("would be refused", total[.wouldDeny], "maybe"))
    }
    if total[.ignore] > 0 { figures.append(("not checked", total[.ignore], "")) }
    if total[.noPolicy] > 0 { figures.append(("without a policy", total[.noPolicy], "bad")) }
    if report.machine?.record != nil {
      figures.append(("first times", report.newcomers.count, ""))
    }
    figures.append(
      (
        "exceptions used",
        report.exceptions.reduce(0) { $0 + $1.count }
          + (report.machine?.unchecked?.lines ?? []).reduce(0) { $0 + $1.count }, ""
      ))
    return figures
  }

  // MARK: - Sections

  /// A part of the page.
  struct Section {
    let id: String
    let title: String
    let write: (inout HTMLWriter) -> Void
  }

  private var sections: [Section] {
    [
      Section(id: "time", title: "Over time", write: writePeriods),
      refusals(.deny, "refused", "Refused"),
      refusals(.wouldDeny, "would", "Would be refused"),
      newcomers, exceptions, factors, codes,
      Section(id: "places", title: "Users and networks", write: writeHeatMap),
      Section(id: "services", title: "Services", write: writeServices),
      unused, ending, doors,
      Section(id: "notes", title: "How far this goes", write: writeNotes),
    ].compactMap(\.self)
  }

  private func refusals(
    _ outcome: LoggedDecision.Outcome, _ id: String, _ title: String
  ) -> Section? {
    let chosen = report.refusals.filter { $0.group.newest.outcome == outcome }
    guard !chosen.isEmpty || outcome == .deny else { return nil }
    return Section(id: id, title: title) { page in
      guard !chosen.isEmpty else {
        return page.element("p", [.style("soft")], text: "Nobody was refused.")
      }
      var table = PageTable(
        title,
        [
          .number("Times"), .init("Last", .time), .init("User"), .init("From"),
          .init("Service", isWide: true), .init("Why"), .init("Rule", .code, isWide: true),
          .init("Id", .code),
        ])
      table.canBeSearched = true
      table.isTall = true
      table.write(chosen, to: &page) { refusal in
        let newest = refusal.group.newest
        return [
          .number(refusal.group.count), .time(newest.time),
          .text(newest.user.description), .text(newest.place, isNew: refusal.isFirst),
          .text(newest.service.description),
          .other(newest.reason) { writeExplanation(of: refusal, to: &$0) },
          .text(newest.rule ?? ""), .text(newest.id),
        ]
      }
    }
  }

  private func writeExplanation(
    of refusal: ActivityReport.Refusal, to page: inout HTMLWriter
  ) {
    let newest = refusal.group.newest
    page.element("details") { page in
      page.element("summary", text: PageTable.cut(newest.reason))
      page.element("div") { page in
        if let reason = Reason(rawValue: newest.reason) { page.text("\(reason.meaning). ") }
        let remedies = refusal.explanation?.explanation.remedies ?? []
        if !remedies.isEmpty {
          page.text(remedies.count > 1 ? "To allow it, any one of:" : "To allow it:")
          page.element("ul") { page in
            for remedy in remedies.prefix(4) {
              page.element("li", text: PageTable.cut(remedy.text, to: 300))
            }
          }
        }
        page.element("code", text: "gatehouse log \(PageTable.cut(newest.id, to: 20))")
      }
    }
  }

  private var newcomers: Section? {
    guard report.machine?.record != nil else { return nil }
    return Section(id: "first", title: "First time from a place") { page in
      guard !report.newcomers.isEmpty else {
        return page.element(
          "p", [.style("soft")], text: "Nobody came from a place for the first time.")
      }
      var table = PageTable(
        "First time from a place",
        [
          .init("When", .time), .init("User"), .init("From"), .init("Service", isWide: true),
          .number("Let in"), .number("Refused"),
        ])
      table.canBeSearched = true
      table.isTall = true
      table.write(report.newcomers, to: &page) { one in
        [
          .time(one.first), .text(one.user.description), .text(one.place),
          .text(one.services.joined), .number(one.allowed), .number(one.refused),
        ]
      }
    }
  }

  private var exceptions: Section? {
    let unchecked = report.machine?.unchecked?.lines ?? []
    guard !report.exceptions.isEmpty || !unchecked.isEmpty else { return nil }
    return Section(id: "exceptions", title: "Exceptions that were used") { page in
      if !report.exceptions.isEmpty {
        let table = PageTable(
          "Break-glass, grants, and logins without a policy",
          [
            .init("What"), .number("Times"), .init("Last", .time), .init("User"), .init("From"),
            .init("Service", isWide: true), .init("Id", .code),
          ])
        table.write(report.exceptions, to: &page) { group in
          [
            .text(group.exception), .number(group.count), .time(group.newest.time),
            .text(group.newest.user.description), .text(group.newest.place),
            .text(group.newest.service.description), .text(group.newest.id),
          ]
        }
      }
      if !unchecked.isEmpty {
        page.element("h3", text: "Let in without a question (onerr=succeed)")
        let table = PageTable(
          "Let in without a question",
          [
            .number("Times"), .init("Last", .time), .init("Line", .sentence),
          ])
        table.write(unchecked, to: &page) { one in
          [.number(one.count), .time(one.last), .text(one.text, limit: 300)]
        }
      }
    }
  }

  private var factors: Section? {
    guard !report.factors.isEmpty else { return nil }
    return Section(id: "factors", title: "Second factor") { page in
      let table = PageTable(
        "Who had to give a second factor, and who was spared it",
        [
          .init("Answer"), .number("Times"), .init("Last", .time), .init("Service"), .init("Why"),
          .init("Rule", .code),
        ])
      table.write(report.factors, to: &page) { group in
        [
          .text(group.answer.outcome.words), .number(group.count), .time(group.last),
          .text(group.answer.service.description), .text(group.answer.reason),
          .text(group.answer.rule ?? ""),
        ]
      }
    }
  }

  private var codes: Section? {
    guard !report.codes.isEmpty else { return nil }
    return Section(id: "codes", title: "Codes to authorise a new place") { page in
      let table = PageTable(
        "Who was sent codes, and what became of them",
        [
          .init("User"), .number("Made"), .number("Used"), .number("Wrong"), .number("Ended"),
          .number("Over limit"), .init("Last", .time), .init("From"),
        ])
      table.write(report.codes, to: &page) { group in
        [
          .text(group.user.description), .number(group[.made]), .number(group[.used]),
          .number(group[.wrong]), .number(group[.ended]), .number(group[.overLimit]),
          .time(group.last), .text(group.origin.description),
        ]
      }
    }
  }

  private var unused: Section? {
    guard let unused = report.unused else { return nil }
    return Section(
      id: "unused", title: unused.caution == nil ? "Nobody would miss these" : "Not needed lately"
    ) { page in
      page.element("p", [.style("soft")], text: unused.title(until: report.until) + ".")
      if let caution = unused.caution { page.element("p", [.style("maybe")], text: caution) }
      if let note = unused.note { page.element("p", [.style("soft")], text: note) }
      if unused.entries.isEmpty {
        let others = unused.younger > 0 ? "each older entry" : "each entry"
        page.element("p", [.style("soft")], text: "Somebody came from \(others) of the policy.")
      } else {
        var table = PageTable(
          "Entries from which nobody came",
          [
            .init("List"), .init("Entry"), .init("Description", isWide: true),
            .init("Place", .code),
          ])
        table.isTall = true
        table.write(unused.entries, to: &page) { entry in
          [
            .text(entry.list), .text(entry.text), .text(entry.comment ?? ""),
            .text(entry.location.fileAndLine),
          ]
        }
      }
      if let lists = unused.lists, !lists.isEmpty {
        page.element("details", [.style("more")]) { page in
          page.element(
            "summary",
            text: "Lists that decided no login since \(unused.listsSince.localMinute): "
              + grouped(lists.count))
          let table = PageTable("Lists that decided no login", [.init("List")])
          table.write(lists, to: &page) { [.text($0.description)] }
        }
      }
    }
  }

  private var ending: Section? {
    let logins = report.machine?.endings ?? []
    guard !report.ending.isEmpty || !logins.isEmpty else { return nil }
    return Section(id: "ending", title: "About to end") { page in
      if !report.ending.isEmpty {
        let table = PageTable(
          "Entries that end",
          [
            .init("Ends", .time), .init("List"), .init("Entry"),
            .init("Place", .code, isWide: true),
          ])
        table.write(report.ending, to: &page) { entry in
          [
            .text(entry.until?.localMinute ?? ""), .text(entry.list), .text(entry.text),
            .text(entry.location.fileAndLine),
          ]
        }
      }
      if !logins.isEmpty {
        page.element("h3", text: "Logins that will then be refused")
        let table = PageTable(
          "Logins that will be refused",
          [.init("From", .time), .init("User"), .init("Place"), .init("Service")])
        table.write(logins, to: &page) { login in
          [
            .text(login.at.localMinute), .text(login.user.description),
            .text(login.origin.description), .text(login.service.description),
          ]
        }
      }
    }
  }

  private var doors: Section? {
    guard let doors = report.machine?.doors else { return nil }
    return Section(id: "doors", title: "Doors") { page in
      let findings = doors.findings.filter { $0.weight != .note }
      page.element(
        "p", [.style(findings.isEmpty ? "soft" : "bad")],
        text: (doors.headline ?? doors.summary).rendered(coloured: false)
          .replacing("  ", with: ": ", maxReplacements: 1))
      guard !findings.isEmpty else { return }
      let table = PageTable(
        "Doors that need attention",
        [.init("Door"), .init("Finding", .sentence), .init("What to do", .sentence)])
      table.write(findings, to: &page) { finding in
        [
          .text(finding.subject), .text(finding.message, limit: 300),
          .text(finding.remedy ?? "", limit: 300),
        ]
      }
    }
  }

  private func writeNotes(_ page: inout HTMLWriter) {
    let watched = report.machine?.shadow?.watched.filter { !$0.changes.isEmpty } ?? []
    let notes =
      report.reach
      + watched.map { one in
        (one.kind == .candidate ? "a candidate decides otherwise: " : "monitor mode would refuse: ")
          + "\(one.changes.share) since \(one.since.localMinute); gatehouse shadow has them"
      } + [
        "only entries are counted that the journal itself attributes to gatehoused",
        "a network in the map is the smallest one of the policy that holds the address, or else the "
          + "address's /24 or /64",
      ]
    page.element("ul") { page in
      for note in notes { page.element("li", text: note) }
    }
  }
}

extension Reason {
  /// What it means, as a sentence without its full stop.
  var meaning: String {
    switch self {
    case .notChecked: "The policy is off, or does not check the service"
    case .roleUnavailable:
      "The role that was asked for is not the user's, or not available from there"
    case .identityUnavailable: "The answer depends on groups that could not be read"
    case .breakGlass: "The user is in break_glass"
    case .local: "The login was at the machine itself"
    case .localNotListed: "The login was at the machine itself, and local does not name the user"
    case .noAddress: "The program gave no address, and serves the network"
    case .originUnknown: "The remote host is not an address"
    case .sessionUnclear: "The login session does not tell where its user came from"
    case .blocked: "The address is in block"
    case .userUnknown: "There is no such user"
    case .granted: "The user had a grant for this address"
    case .userListRequired: "A group or role requires a list of the user's own, and there is none"
    case .confined: "An only_from that applies does not hold the address"
    case .notListed: "No list that applies holds the address"
    case .noRole: "A role is required, and none is available from there"
    case .listed: "A list that applies holds the address"
    case .unrestricted: "No list concerns the user"
    }
  }
}
