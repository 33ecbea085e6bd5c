import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord
import GatehouseState
import GatehouseWire

// The login record, as the command gets it and adds to it.

extension Answerer {
  /// The file of a history that comes with a request; nil if it cannot be taken.
  func history(from connection: ClientConnection) throws(WireError) -> SealedMemoryFile? {
    let file: SealedMemoryFile?
    do throws(SystemError) {
      file = try connection.takeFile(atMost: ControlLimit.record)
    } catch { return nil }
    guard let file else { throw .missingField }
    return file
  }
}

extension LoginRecord {
  /// Reads a record out of a file, for a thread beside the loop; nil if it holds none.
  init?(in file: SealedMemoryFile?) {
    guard let bytes = try? file?.bytes(), let record = try? Self.kind.decode(bytes) else {
      return nil
    }
    self = record
  }
}

extension PlaceList {
  /// The places of a record: of one user, or of all.
  init(_ record: LoginRecord, of user: Name?) {
    var places: [Place] = []
    func add(_ table: PlaceTable, isAdmitted: Bool) {
      func add(_ place: LoginRecord.Place, _ visits: LoginRecord.Visits) {
        places.append(
          Place(
            user: place.user, service: place.service, origin: place.origin,
            isNetwork: place.isNetwork, first: visits.first, last: visits.last,
            allowed: visits.allowed, refused: visits.refused, list: visits.list,
            isAdmitted: isAdmitted))
      }
      if let user {
        for (place, visits) in table.places(of: user) { add(place, visits) }
      } else {
        for (place, visits) in table.visits { add(place, visits) }
      }
    }
    add(record.admitted, isAdmitted: true)
    add(record.refused, isAdmitted: false)
    self.init(
      since: record.since, hasHistory: record.hasHistory, places: places,
      lists: record.lists.map { ListUse(path: $0.key, last: $0.value) },
      isMissingLists: record.isMissingLists)
  }
}
