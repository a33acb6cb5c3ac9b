from benchmarks import error_rate


def test_the_tables_of_error_rates_are_made():
    curves = list(error_rate.table_of_curves(20))
    assert len(curves) == 2 + len(error_rate.SEEDS) * (len(error_rate.CURVES) + 1)
    assert len(list(error_rate.table_of_looks(20))) == 2 + 4 * len(error_rate.LOOKS)
