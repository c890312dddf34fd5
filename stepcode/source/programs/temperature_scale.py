class Temperature:
    ZERO = -273.15

    def __init__(self, celsius):
        if celsius < self.ZERO:
            raise ValueError("below absolute zero")
        self.celsius = celsius

    @classmethod
    def from_fahrenheit(cls, degrees):
        return cls((degrees - 32) * 5 / 9)

    def __repr__(self):
        return f"{self.celsius:g} degrees"


def temperature_scale(degrees, scale="C"):
    try:
        if scale == "F":
            reading = Temperature.from_fahrenheit(degrees)
        else:
            reading = Temperature(degrees)
    except ValueError as problem:
        return str(problem)
    kelvin = round(reading.celsius - Temperature.ZERO, 2)
    boiling = reading.celsius >= 100
    return kelvin, boiling
