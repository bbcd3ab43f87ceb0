"""Known objects tell in which system a file is, where no boundary does."""

from gridmap.coordinates import convert, get_system
from gridmap.domain.import_report import ImportChange
from gridmap.ingest.importing.shifted import find_shift

STORED, PHONE = get_system("cgcs2000"), get_system("gcj02")


def moved(number, system, off_m=0.0):
    """Return an object that a file of a system moves, when the file is read as CGCS2000."""
    lon, lat = 113.0 + number / 100, 34.7
    [x], [y] = convert(STORED, system, lon + off_m / 91_000, lat)
    return ImportChange("moved", number, f"e-{number}", "厂", "410181", 590.0, (lon, lat), (float(x), float(y)))


def test_objects_that_would_all_stay_tell_the_system():
    found = find_shift([moved(number, PHONE, 20) for number in range(4)], 0, STORED)
    assert found is not None and found.system.key == "gcj02" and (found.objects, found.moved) == (4, 4)
    assert "若按 GCJ-02" in found.told(STORED).zh and "590 m" in found.told(STORED).en


def test_others_that_stay_tell_of_two_systems_in_one_file():
    found = find_shift([moved(number, PHONE) for number in range(4)], 4, STORED)
    assert found is not None and found.is_mixed and "混有两种坐标系" in found.told(STORED).zh


def test_few_objects_and_real_moves_tell_nothing():
    changes = [moved(number, PHONE) for number in range(4)]
    assert find_shift(changes[:2], 0, STORED) is None
    assert find_shift([moved(number, PHONE, 200 + 50 * number) for number in range(4)], 0, STORED) is None


def test_a_file_that_was_said_to_be_of_a_phone_and_is_not_is_told_too():
    back = [
        ImportChange("moved", n, f"e-{n}", "厂", "410181", 590.0, (113.0 + n / 100, 34.7), (float(x[0]), float(y[0])))
        for n in range(3)
        for x, y in [convert(PHONE, STORED, 113.0 + n / 100, 34.7)]
    ]
    found = find_shift(back, 0, PHONE)
    assert found is not None and found.system.key == "cgcs2000"
