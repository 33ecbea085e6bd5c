package import GatehouseWire

/// An administrator's request to the daemon: one frame; the reply is in a memory file.
///
/// A request is described once, by its struct and its `fields`. Reading, writing, the page of the
/// protocol and the samples of the tests come from that.
package protocol Request: Equatable, Sendable {
  /// The value that the daemon sends back.
  associatedtype Reply: Codable & Sendable

  /// The kind of its frame.
  static var kind: RequestKind { get }
  /// What it asks for, as a sentence of the protocol's page.
  static var meaning: String { get }
  /// Whether a policy is attached to the frame, as a sealed memory file.
  static var carriesPolicy: Bool { get }
  /// Whether a login record is, as the state file `logins` has it.
  static var carriesRecord: Bool { get }
  /// Its fields, in the order in which they are written.
  static var fields: [RequestField<Self>] { get }

  /// A request whose fields are all empty.
  init()
}

extension Request {
  /// Most requests are a frame alone.
  package static var carriesPolicy: Bool { false }
  /// Most requests are a frame alone.
  package static var carriesRecord: Bool { false }

  /// The values that a field can have; nil if there is no such field.
  package static func format(of tag: RequestTag) -> FieldFormat? {
    fields.first { $0.tag == tag }?.format
  }

  /// Reads a request; any bytes give one or an error.
  package init(decoding frame: Span<UInt8>) throws(WireError) {
    guard try RequestKind(of: frame) == Self.kind else { throw .kind }
    self.init()
    let fields = Self.fields
    var found: Set<RequestTag> = []
    var reader = FieldReader()
    while let (tag, place) = try reader.next(in: frame) {
      guard let field = fields.first(where: { $0.tag.rawValue == tag }) else {
        throw .unknownField
      }
      guard let value = field.format.value(of: frame.array(of: place)), field.set(&self, value)
      else { throw .badValue }
      found.insert(field.tag)
    }
    guard fields.allSatisfy({ !$0.isRequired || found.contains($0.tag) }) else {
      throw .missingField
    }
  }

  /// The request as a frame.
  ///
  /// - Returns: At most 4096 bytes.
  /// - Throws: If a field cannot hold its value, or all fields together are too long.
  package func frame() throws(RequestProblem) -> [UInt8] {
    var frame = [
      Header.magic.0, Header.magic.1, RequestKind.version, Self.kind.rawValue,
    ]
    for field in Self.fields {
      guard let value = field.get(self) else { continue }
      let bytes = try field.bytes(of: value)
      frame += [field.tag.rawValue, UInt8(bytes.count >> 8 & 0xFF), UInt8(bytes.count & 0xFF)]
      frame += bytes
    }
    guard frame.count <= WireLimit.frame else { throw .tooLong }
    return frame
  }
}

/// Why a request cannot be sent.
package enum RequestProblem: Error, Hashable, Sendable {
  /// The value of a field has more bytes than this.
  case fieldTooLong(RequestTag, limit: Int)
  /// The value of a field is empty, holds a character that it cannot have, or is out of bounds.
  case badValue(RequestTag)
  /// All fields together have more than 4096 bytes.
  case tooLong
}

/// The kind of a request: the byte after the version.
package enum RequestKind: UInt8, CaseIterable, Sendable {
  case explain = 2
  case status, reload
  case trial, confirm, endTrial
  case grant, grants, revoke, approve
  case shadow, startShadow, stopShadow
  case pamTest, services
  case judge, places, history, sessions, refresh
  case letters

  /// The version of every request and reply.
  ///
  /// Questions and answers have their own, which did not change with it: a module is served by a
  /// daemon that is newer than it, or older.
  package static let version: UInt8 = 2

  /// The kind of the frame that answers every request.
  package static let reply: UInt8 = 66

  /// The request of this kind.
  package var request: any Request.Type {
    switch self {
    case .explain: ExplainRequest.self
    case .status: StatusRequest.self
    case .reload: ReloadRequest.self
    case .trial: TrialRequest.self
    case .confirm: ConfirmRequest.self
    case .endTrial: EndTrialRequest.self
    case .grant: GrantRequest.self
    case .grants: GrantsRequest.self
    case .revoke: RevokeRequest.self
    case .approve: ApproveRequest.self
    case .shadow: ShadowRequest.self
    case .startShadow: StartShadowRequest.self
    case .stopShadow: StopShadowRequest.self
    case .pamTest: PAMTestRequest.self
    case .services: ServicesRequest.self
    case .judge: JudgeRequest.self
    case .places: PlacesRequest.self
    case .history: HistoryRequest.self
    case .sessions: SessionsRequest.self
    case .refresh: RefreshRequest.self
    case .letters: LettersRequest.self
    }
  }

  /// Reads the kind of a request's frame; any bytes give one or an error.
  package init(of frame: Span<UInt8>) throws(WireError) {
    let header = try Header(of: frame)
    guard let kind = RequestKind(rawValue: header.kind) else { throw .kind }
    guard header.version == Self.version else { throw .version }
    self = kind
  }
}

/// The frame of a reply; its value is attached, in a sealed memory file.
package enum ReplyFrame {
  /// The frame: a header without fields.
  package static let bytes = [
    Header.magic.0, Header.magic.1, RequestKind.version, RequestKind.reply,
  ]

  /// Checks that a frame is one.
  package static func check(_ frame: Span<UInt8>) throws(WireError) {
    let header = try Header(of: frame)
    guard header.kind == RequestKind.reply else { throw .kind }
    guard header.version == RequestKind.version else { throw .version }
    var reader = FieldReader()
    guard try reader.next(in: frame) == nil else { throw .unknownField }
  }
}

/// Bounds of what is attached to a frame, in bytes.
package enum ControlLimit {
  /// A policy's files as one (`SnapshotArchive`).
  package static let policy = 256 << 20
  /// A login record.
  package static let record = 32 << 20
  /// The value that the daemon sends back, as JSON.
  package static let reply = 64 << 20
}

extension Span<UInt8> {
  /// The bytes of a field as an array.
  package func array(of field: Field) -> [UInt8] { bytes(of: field).array }

  /// The bytes of a field as an array; nil if there is none.
  package func array(ifPresent field: Field?) -> [UInt8]? {
    guard let field else { return nil }
    return array(of: field)
  }

  /// All bytes as an array.
  package var array: [UInt8] {
    // SAFETY: the buffer is valid for the length of the call, which copies it.
    unsafe withUnsafeBufferPointer { unsafe Array($0) }
  }
}
