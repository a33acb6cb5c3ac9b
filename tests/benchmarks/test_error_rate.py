from benchmarks import error_rate


def test_the_tables_of_error_rates_are_made():
    curves = list(error_rate.table_of_curves(20))
    assert len(curves) == 2 + 3 * len(error_rate.CURVES)
    looks = list(error_rate.table_of_looks(20))
    assert len(looks) == 2 + len(error_rate.LOOKED_AT) * len(error_rate.LOOKS)
