class Axis:
    """One axis of a picture."""

    @staticmethod
    def places(size, kernel, stride=1, pad=0):
        padded = pad + size + pad
        if kernel > padded:
            raise ValueError(f"kernel {kernel} > {padded}")
        n = (padded - kernel) / stride + 1
        if n != int(n):
            raise ValueError(f"{n} places")
        return int(n)


conv_output_size = Axis.places
