def batchnorm_backward_alt(dout, cache):
    hat, std, gamma = cache
    n = dout.shape[0]
    db, dg = dout.sum(0), (hat * dout).sum(0)
    return (gamma / (n * std)) * (n * dout - db - hat * dg), dg, db
